package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Renames what readers know, in one transaction, when nobody is in the way: no writer, no reader who has read in a
 * transaction that is still open, none whose snapshot is from before the generation had everything. None of them is made to
 * wait for another: a lock that is not to be had is asked for again later, and while it is asked for, readers who come wait
 * for 100 ms at most.
 */
final class ServedSwitch {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long PAUSE_MS = 50;
    private static final int FEW_TRIES = 10;
    private static final int LONGEST_LOCK_WAIT_MS = 100;
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** What a switch does, in a transaction of its own. */
    @FunctionalInterface
    interface Attempt {

        /** Whether it is done; with false the transaction is taken back and tried again. */
        boolean on(Connection connection, String lockWait) throws SQLException;
    }

    private final Warehouse warehouse;
    private final Generation generation;

    ServedSwitch(Warehouse warehouse, Generation generation) {
        this.warehouse = warehouse;
        this.generation = generation;
    }

    /**
     * Tries until it is done; not at all when a later decision was made.
     *
     * @param schema that remembers decisions
     * @param served whether readers are given the generation already: then there is nobody to wait for
     */
    void run(String schema, int decision, Warehouse.Work<Boolean> served, Attempt attempt) {
        warehouse
                .orFail(connection -> decide(connection, schema, decision))
                .ifPresent(since -> run(since, served, attempt));
    }

    private void run(String since, Warehouse.Work<Boolean> served, Attempt attempt) {
        Attempt unlessServed = (connection, lockWait) ->
                served.on(connection) || (!olderSnapshots(connection, since) && attempt.on(connection, lockWait));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int tries = 0; !tried(unlessServed, tries); tries++) {
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        ErrorCode.TIMEOUT,
                        "Readers of " + warehouse.display() + " are not given " + generation + " yet: for "
                                + PATIENCE.toSeconds()
                                + " s there was somebody with a transaction open that had read what is served now, or had begun"
                                + " before (pg_stat_activity). Nothing is renamed here so far. It is decided: a running process goes"
                                + " on trying, and so does the same command; 'tidemark plan' shows what is live");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
        }
    }

    private boolean tried(Attempt attempt, int tries) {
        int waitMs = tries < FEW_TRIES ? 1 : LONGEST_LOCK_WAIT_MS;
        return warehouse.orFail(connection -> {
            boolean done = false;
            try {
                done = attempt.on(connection, waitMs + "ms");
            } catch (SQLException e) {
                if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                    throw e;
                }
            }
            if (!done) {
                connection.rollback();
            }
            return done;
        });
    }

    /** Whether somebody here may see a state from before the generation had everything. */
    private static boolean olderSnapshots(Connection connection, String since) throws SQLException {
        int space = since.indexOf(' ');
        try (PreparedStatement select = connection.prepareStatement(
                "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                        // Of other roles' sessions only their xmin is shown to everybody.
                        + " and coalesce(backend_type, 'client backend') = 'client backend' and backend_xmin is not null"
                        + " and age(backend_xmin) > age(?::xid8::xid) and coalesce(xact_start < ?::timestamptz, true)"
                        + " limit 1")) {
            select.setString(1, since.substring(0, space));
            select.setString(2, since.substring(space + 1));
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * Takes the decision down, unless a later one was.
     *
     * @return the number of the next transaction and the time when it was first taken down, by which older snapshots are
     *     known: whoever goes on trying waits for no reader who came since. The generation had everything by then. Empty
     *     when a later decision was made
     */
    Optional<String> decide(Connection connection, String schema, int decision) throws SQLException {
        String table = SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote("_tidemark_served");
        create(connection, schema, table);
        // Another capture's count says nothing.
        try (PreparedStatement upsert = connection.prepareStatement("insert into " + table
                + " as s (model, lineage, decision, since) values (?, ?, ?,"
                + " pg_snapshot_xmax(pg_current_snapshot())::text || ' ' || clock_timestamp()::text)"
                + " on conflict (model) do update"
                + " set lineage = excluded.lineage, decision = excluded.decision, since ="
                + " case when (s.decision, s.lineage) = (excluded.decision, excluded.lineage) then s.since"
                + " else excluded.since end"
                + " where s.decision <= excluded.decision or s.lineage <> excluded.lineage returning since")) {
            upsert.setString(1, generation.model());
            upsert.setString(2, generation.lineage());
            upsert.setInt(3, decision);
            try (ResultSet row = upsert.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    private void create(Connection connection, String schema, String table) throws SQLException {
        if (!Bookkeeping.exists(connection, table)) {
            new TableSetup(connection, warehouse.display(), schema).createSchema();
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "create table if not exists " + table
                                + " (model text primary key, lineage text not null, decision integer not null, since text not null)");
            }
        }
    }

    /** Waits for nobody longer than a moment, from here on. */
    static void lock(Connection connection, List<String> quotedTables, String lockWait) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local lock_timeout = '" + lockWait + "'");
            if (!quotedTables.isEmpty()) {
                statement.execute("lock table " + String.join(", ", quotedTables) + " in access exclusive mode");
            }
        }
    }

    /** What tables take, with their indexes. */
    static long bytes(Connection connection, List<String> quotedTables) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "select coalesce(sum(pg_total_relation_size(to_regclass(name))), 0)::bigint from unnest(?) as t (name)")) {
            select.setArray(1, connection.createArrayOf("text", quotedTables.toArray()));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** The generations of the model that have their bookkeeping in a schema. */
    List<Integer> numbers(Connection connection, String schema) throws SQLException {
        String table = SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote("_tidemark_generations");
        List<Integer> numbers = new ArrayList<>();
        if (!Bookkeeping.exists(connection, table)) {
            return numbers;
        }
        try (PreparedStatement select = connection.prepareStatement(
                "select generation from " + table + " where model = ? order by generation")) {
            select.setString(1, generation.model());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    numbers.add(row.getInt(1));
                }
            }
        }
        return numbers;
    }

    Generation numbered(int number) {
        return new Generation(generation.model(), number, generation.lineage());
    }
}
