package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Tidemark's own tables in the target schema: generations with their epoch, applied tidemarks, remembered deletes, and how
 * often each writer wrote.
 */
final class Bookkeeping {

    /** How an insert into {@link #deleted}, aliased {@code d}, keeps the newest delete of each key. */
    static final String NEWEST_DELETE = " on conflict (collection, key) do update set position = excluded.position,"
            + " ord = excluded.ord, deleted_at = excluded.deleted_at"
            + " where (d.position, d.ord) < (excluded.position, excluded.ord)";

    private final Supplier<String> schema;
    private final Generation generation;

    Bookkeeping(String schema, Generation generation) {
        this(() -> schema, generation);
    }

    /** @param schema where the generation is now */
    Bookkeeping(Supplier<String> schema, Generation generation) {
        this.schema = schema;
        this.generation = generation;
    }

    /** Remembered deletes: a write that is older than its key's last delete must not bring the row back. */
    static String deleted(String schema) {
        return table(schema, "_tidemark_deleted");
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists " + generations()
                    + " (model text, generation integer, lineage text not null, partitions integer not null,"
                    + " epoch bigint not null, primary key (model, generation))");
            statement.execute("create table if not exists " + applied()
                    + " (model text, generation integer, partition integer, number bigint not null,"
                    + " lsn pg_lsn not null, primary key (model, generation, partition))");
            statement.execute("create table if not exists " + deleted(schema.get())
                    + " (collection text, key text, position bigint not null, ord integer not null,"
                    + " deleted_at timestamptz not null, primary key (collection, key))");
            statement.execute("create table if not exists " + writes()
                    + " (model text, generation integer, writer uuid, writes bigint not null,"
                    + " written_at timestamptz not null, primary key (model, generation, writer))");
        }
    }

    /** Takes the generation over: every writer with an older epoch is fenced from here on. */
    long nextEpoch(Connection connection, String store, int partitions) throws SQLException {
        refuseOtherGenerations(connection, store);
        begin(connection, store, partitions);
        try (PreparedStatement update = prepare(
                        connection,
                        "update " + generations() + " set epoch = epoch + 1 where model = ? and generation = ?"
                                + " returning epoch");
                ResultSet row = update.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Begins the generation, or goes on with it; gives its epoch, 0 at first. */
    private long begin(Connection connection, String store, int partitions) throws SQLException {
        try (PreparedStatement insert = prepare(
                connection,
                "insert into " + generations() + " (model, generation, lineage, partitions, epoch)"
                        + " values (?, ?, ?, ?, 0) on conflict do nothing")) {
            insert.setString(3, generation.lineage());
            insert.setInt(4, partitions);
            insert.executeUpdate();
        }
        try (PreparedStatement select = prepare(
                        connection,
                        "select epoch, lineage, partitions from " + generations()
                                + " where model = ? and generation = ?");
                ResultSet row = select.executeQuery()) {
            row.next();
            generation.requireSame(store, row.getString(2), row.getInt(3), partitions);
            return row.getLong(1);
        }
    }

    /**
     * As {@link #begin}, of a generation whose epoch is the oid of its one table: what is claimed is true of that table
     * only, not of another that somebody made under its name.
     *
     * @return empty when there was none yet
     */
    OptionalLong tableKnown(Connection connection, String store, int partitions) throws SQLException {
        long oid = begin(connection, store, partitions);
        return oid == 0 ? OptionalLong.empty() : OptionalLong.of(oid);
    }

    /** From here on the generation is in this table, of which nothing is claimed yet. */
    void moveTo(Connection connection, long tableOid) throws SQLException {
        try (PreparedStatement update = prepare(
                        connection,
                        "update " + generations() + " g set epoch = v.epoch"
                                + " from (select ?::text as model, ?::integer as generation, ?::bigint as epoch) v"
                                + " where g.model = v.model and g.generation = v.generation");
                PreparedStatement delete =
                        prepare(connection, "delete from " + applied() + " where model = ? and generation = ?")) {
            update.setLong(3, tableOid);
            update.executeUpdate();
            delete.executeUpdate();
        }
    }

    private void refuseOtherGenerations(Connection connection, String store) throws SQLException {
        try (PreparedStatement select = prepare(
                        connection,
                        "select generation from " + generations() + " where model = ? and generation <> ?");
                ResultSet other = select.executeQuery()) {
            if (other.next()) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Schema '" + schema.get() + "' of " + store + " holds " + generation.model() + "@"
                                + other.getInt(1) + ": give " + generation + " a schema of its own, or drop this one");
            }
        }
    }

    /** Locks the generation for this transaction; a newer writer's {@code open} waits, an older writer is refused. */
    void requireEpoch(Connection connection, long epoch) throws SQLException {
        try (PreparedStatement select = prepare(
                        connection,
                        "select epoch from " + generations() + " where model = ? and generation = ? for update");
                ResultSet row = select.executeQuery()) {
            if (!row.next() || row.getLong(1) != epoch) {
                throw new TidemarkException(
                        ErrorCode.FENCED,
                        "Another writer took over " + generation + " in schema '" + schema.get()
                                + "': this one stops; nothing of its last batch was written. A mirror has one writer:"
                                + " where several processes run, name the models of each");
            }
        }
    }

    /**
     * Keeps the generation's writer out until the transaction ends, or waits for the end of its.
     *
     * @return false when there is no such generation
     */
    boolean lock(Connection connection) throws SQLException {
        try (PreparedStatement select = prepare(
                        connection, "select from " + generations() + " where model = ? and generation = ? for update");
                ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    /** Keeps a count of a writer's batches from 0 on; those of writers that write no more are forgotten. */
    void beginWrites(Connection connection, UUID writer) throws SQLException {
        try (PreparedStatement delete = prepare(
                        connection,
                        "delete from " + writes() + " where model = ? and generation = ?"
                                + " and written_at < now() - interval '7 days'");
                PreparedStatement insert = prepare(
                        connection,
                        "insert into " + writes() + " values (?, ?, ?, 0, now())"
                                + " on conflict (model, generation, writer) do update set writes = 0, written_at = now()")) {
            delete.executeUpdate();
            insert.setObject(3, writer);
            insert.executeUpdate();
        }
    }

    /**
     * Counts one more batch of a writer.
     *
     * @param atLeast what the warehouse must know of it
     * @param now what it is to know from here on
     * @return the generation's claims; empty when it does not know that many: it was set back
     */
    Optional<List<AppliedTidemark>> countWrite(Connection connection, UUID writer, long atLeast, long now)
            throws SQLException {
        try (PreparedStatement count = prepare(
                connection,
                "with counted as (update " + writes() + " w set writes = v.now, written_at = now()"
                        + " from (select ?::text as model, ?::integer as generation, ?::uuid as writer,"
                        + " ?::bigint as known, ?::bigint as now) v where w.model = v.model"
                        + " and w.generation = v.generation and w.writer = v.writer and w.writes >= v.known"
                        + " returning w.model, w.generation)"
                        + " select a.partition, a.number, a.lsn::text from counted left join " + applied()
                        + " a using (model, generation)")) {
            count.setObject(3, writer);
            count.setLong(4, atLeast);
            count.setLong(5, now);
            try (ResultSet row = count.executeQuery()) {
                return row.next() ? Optional.of(claimsFrom(row)) : Optional.empty();
            }
        }
    }

    /** The first of which was moved to; one without a partition stands for none at all. */
    private static List<AppliedTidemark> claimsFrom(ResultSet row) throws SQLException {
        List<AppliedTidemark> claims = new ArrayList<>();
        do {
            int partition = row.getInt(1);
            if (!row.wasNull()) {
                claims.add(claim(row, partition));
            }
        } while (row.next());
        return claims;
    }

    private static AppliedTidemark claim(ResultSet row, int partition) throws SQLException {
        return new AppliedTidemark(partition, new TidemarkRef(row.getLong(2), Lsn.parse(row.getString(3))));
    }

    /** Takes claims back. */
    void forget(Connection connection, Set<Integer> partitions) throws SQLException {
        try (PreparedStatement delete = prepare(
                connection,
                "delete from " + applied() + " where model = ? and generation = ? and partition = any (?)")) {
            delete.setArray(3, connection.createArrayOf("integer", partitions.toArray()));
            delete.executeUpdate();
        }
    }

    boolean hasClaims(Connection connection) throws SQLException {
        return !claims(connection).isEmpty();
    }

    /** Saves claims; one that is older than what is there changes nothing. */
    void save(Connection connection, List<AppliedTidemark> claims) throws SQLException {
        if (claims.isEmpty()) {
            return;
        }
        try (PreparedStatement upsert = prepare(
                connection,
                "insert into " + applied() + " as a (model, generation, partition, number, lsn)"
                        + " values (?, ?, ?, ?, ?::pg_lsn) on conflict (model, generation, partition)"
                        + " do update set number = excluded.number, lsn = excluded.lsn"
                        + " where (a.number, a.lsn) < (excluded.number, excluded.lsn)")) {
            // In one order, so that two writers cannot deadlock.
            for (AppliedTidemark claim : claims.stream()
                    .sorted(Comparator.comparing(AppliedTidemark::partition))
                    .toList()) {
                upsert.setInt(3, claim.partition());
                upsert.setLong(4, claim.tidemark().number());
                upsert.setString(5, claim.tidemark().lsn().toString());
                upsert.addBatch();
            }
            upsert.executeBatch();
        }
    }

    /** Forgets deletes no replay can be older than any more. */
    void forgetDeletes(Connection connection, Duration remembered) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "delete from " + deleted(schema.get()) + " where deleted_at < now() - make_interval(secs => ?)")) {
            delete.setDouble(1, remembered.toMillis() / 1_000.0);
            delete.executeUpdate();
        }
    }

    /** The generation's applied tidemark; empty also when the schema has no bookkeeping yet. */
    Optional<TidemarkRef> appliedTidemark(Connection connection) throws SQLException {
        if (!exists(connection, generations())) {
            return Optional.empty();
        }
        try (PreparedStatement select = prepare(
                        connection, "select partitions from " + generations() + " where model = ? and generation = ?");
                ResultSet row = select.executeQuery()) {
            return row.next() ? AppliedTidemark.ofGeneration(claims(connection), row.getInt(1)) : Optional.empty();
        }
    }

    List<AppliedTidemark> claims(Connection connection) throws SQLException {
        List<AppliedTidemark> claims = new ArrayList<>();
        try (PreparedStatement select = prepare(
                        connection,
                        "select partition, number, lsn::text from " + applied()
                                + " where model = ? and generation = ?");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                claims.add(claim(row, row.getInt(1)));
            }
        }
        return claims;
    }

    /** The oid of a table that is there. */
    static long oid(Connection connection, String quotedTable) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select to_regclass(?)::oid::bigint")) {
            select.setString(1, quotedTable);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    static boolean exists(Connection connection, String quotedTable) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select to_regclass(?) is not null")) {
            select.setString(1, quotedTable);
            try (ResultSet row = select.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Every statement here begins with model and generation. */
    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setString(1, generation.model());
        statement.setInt(2, generation.number());
        return statement;
    }

    private String generations() {
        return table(schema.get(), "_tidemark_generations");
    }

    private String applied() {
        return table(schema.get(), "_tidemark_applied");
    }

    private String writes() {
        return table(schema.get(), "_tidemark_writes");
    }

    private static String table(String schema, String name) {
        return SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote(name);
    }
}
