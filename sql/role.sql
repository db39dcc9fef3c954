-- What Tidemark needs in a source database, and no more: a role that may read the WAL and the captured tables, and a
-- publication of those tables. `tidemark doctor` says what is left to mend afterwards.
--
-- Run it with psql, connected to the source database, as a superuser:
--
--   psql -d shop -v role=tidemark -v schema=public -v publication=tidemark_shop -f sql/role.sql
--
-- role         source.user of the configuration (default: tidemark)
-- schema       whose tables are captured (default: public). Run it again for another schema, or write the names of the
--              tables in part 3 yourself: everything that source.tables matches must be in the publication.
-- publication  source.publication; its default is tidemark_<kafka.prefix>, in lower case with - as _
--
-- Without a superuser: whoever may create replication roles runs part 1 (PostgreSQL 16 and newer: CREATEROLE and
-- REPLICATION; managed services have a way of their own, such as a role to grant), and the owner of the database and
-- its tables runs the rest.
--
-- Set the password afterwards, in psql, so that it is in no file and no process list:
--
--   \password tidemark
--
-- On the server:
--   wal_level = logical (needs a restart), and two free places in max_replication_slots and max_wal_senders: one for the
--   stream, one for a moment whenever tables are read.
--   pg_hba.conf: an ordinary line for this database and role, best hostssl with scram-sha-256. Logical replication does
--   not use "replication" lines.

\set ON_ERROR_STOP on
\if :{?role}
\else
  \set role tidemark
\endif
\if :{?schema}
\else
  \set schema public
\endif
\if :{?publication}
\else
  \echo 'Name the publication: -v publication=tidemark_<kafka.prefix>'
  \quit
\endif

-- 1. The role. REPLICATION is for the slots: Tidemark creates one, reads it, and drops it when a first start was cut short;
--    temporary ones export the snapshots by which tables are read. It needs no right to write.
SELECT format('CREATE ROLE %I LOGIN REPLICATION', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec

-- 2. The database and the schema.
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'role') \gexec
GRANT USAGE ON SCHEMA :"schema" TO :"role";

-- 3. The publication: every table of the schema that has a primary key, partitioned tables by their root. Tidemark
--    creates it itself only where the role owns the tables, which it should not.
--    Leave `publish` as it is: without truncate Tidemark would not notice one. Do not give column lists or row filters
--    in this version: snapshots read whole tables.
SELECT format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', :'publication')
WHERE NOT EXISTS (SELECT FROM pg_publication WHERE pubname = :'publication') \gexec

SELECT format('ALTER PUBLICATION %I ADD TABLE %I.%I', :'publication', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :'schema' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
  AND EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
  AND NOT EXISTS (SELECT FROM pg_publication_tables p
                  WHERE p.pubname = :'publication' AND p.schemaname = n.nspname AND p.tablename = c.relname)
ORDER BY c.relname \gexec

-- 4. Reading: snapshots copy the published tables, reconcile selects from them and locks them in ACCESS SHARE
--    mode. Where a table has row-level security, the role needs a policy that shows it every row, or BYPASSRLS: the WAL
--    holds every row, whatever the policies say.
SELECT format('GRANT SELECT ON TABLE %I.%I TO %I', schemaname, tablename, :'role')
FROM pg_publication_tables WHERE pubname = :'publication' ORDER BY 1 \gexec

-- 5. Heartbeats: while nothing is captured Tidemark calls pg_logical_emit_message(false, 'tidemark', ''), which writes to
--    no table; `tidemark snapshot` calls it with 'tidemark.snapshot' and the table's name. Everybody may call it by default. This grants it back where that was revoked from PUBLIC, and does
--    nothing elsewhere.
SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', oid::regprocedure, :'role')
FROM pg_proc
WHERE proname = 'pg_logical_emit_message' AND pronamespace = 'pg_catalog'::regnamespace
  AND NOT has_function_privilege(:'role', oid, 'EXECUTE') \gexec

-- 6. Not granted: pg_read_all_stats. With it `tidemark doctor` finds other sessions' open transactions, too.

-- To take it back (stop Tidemark first; the slot keeps WAL from being removed until it is dropped):
--   SELECT pg_drop_replication_slot('tidemark_shop');
--   DROP PUBLICATION tidemark_shop;
--   DROP OWNED BY tidemark;
--   DROP ROLE tidemark;
