package io.tidemark.reconciliation;

import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.store.HashedTable;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** A connection to the source that sees one moment: a repeatable-read, read-only transaction, and which one it is. */
final class SourceSnapshot implements AutoCloseable {

    /**
     * Shorter than PostgreSQL's own deadlock_timeout, and then everything is given back: whoever alters several of the tables,
     * one after the other, meets no deadlock, and nobody waits for long behind a lock that we wait for.
     */
    private static final int LOCK_TIMEOUT_MS = 500;

    /** Once the tables are ours, others hold locks on their indexes only: a REINDEX is waited for. */
    private static final int READING_LOCK_TIMEOUT_MS = 30_000;

    private static final long LOCK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final SourceSettings source;
    private final Connection connection;
    private final TakenSnapshot taken;

    private SourceSnapshot(SourceSettings source, Connection connection, TakenSnapshot taken) {
        this.source = source;
        this.connection = connection;
        this.taken = taken;
    }

    /**
     * Takes a snapshot.
     *
     * @param tables kept from being truncated or altered until {@link #close()}: neither respects snapshots, and rows
     *     of this one would vanish
     * @param lockTimeout how long to wait for those who truncate or alter one of them now
     */
    static SourceSnapshot open(SourceSettings source, Collection<TableId> tables, Duration lockTimeout) {
        long startNanos = System.nanoTime();
        while (true) {
            try {
                return open(source, tables);
            } catch (SQLException e) {
                if (!SourceErrors.isLocked(e) || System.nanoTime() - startNanos > lockTimeout.toNanos()) {
                    throw SourceErrors.of(source, "taking a snapshot", e);
                }
                LockSupport.parkNanos(LOCK_AGAIN_NANOS);
            }
        }
    }

    private static SourceSnapshot open(SourceSettings source, Collection<TableId> tables) throws SQLException {
        Connection connection = connect(source);
        try {
            return new SourceSnapshot(source, connection, take(connection, tables));
        } catch (SQLException e) {
            closeQuietly(connection, e);
            throw e;
        }
    }

    TakenSnapshot taken() {
        return taken;
    }

    ExpectedDocuments documents(ComparedCollection collection) {
        return new ExpectedDocuments(source, connection, collection);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw SourceErrors.of(source, "closing a snapshot", e);
        }
    }

    private static Connection connect(SourceSettings source) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", source.user());
        properties.setProperty("password", source.password().reveal());
        properties.setProperty("ApplicationName", "tidemark reconcile");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("tcpKeepAlive", "true");
        return DriverManager.getConnection(source.jdbcUrl(), properties);
    }

    /**
     * The order matters. WAL order is not visibility order: a commit is in the WAL a little before others see it, so
     * the LSN alone does not say what the snapshot sees; the xids do. Everything the snapshot sees is in the WAL before
     * the LSN read after it: whoever has applied that much has all of it.
     */
    private static TakenSnapshot take(Connection connection, Collection<TableId> tables) throws SQLException {
        prepare(connection);
        Lsn lsnBefore = insertLsn(connection);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        lock(connection, tables); // LOCK takes no snapshot; the statement after it does.
        XidSnapshot xids = XidSnapshot.parse(text(connection, "SELECT pg_current_snapshot()::text"));
        try (Statement statement = connection.createStatement()) {
            statement.execute(HashedTable.PREPARE);
            statement.execute("SET LOCAL lock_timeout = " + READING_LOCK_TIMEOUT_MS);
        }
        return new TakenSnapshot(lsnBefore, xids, insertLsn(connection));
    }

    /** Values are printed as capture prints them, whatever the role's or the database's settings are. */
    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("SET extra_float_digits = 1");
            statement.execute("SET bytea_output = 'hex'");
            statement.execute("SET IntervalStyle = 'postgres'");
            statement.execute("SET standard_conforming_strings = on");
            // A snapshot stays as long as a store is read.
            statement.execute("SET statement_timeout = 0");
            statement.execute("SET idle_in_transaction_session_timeout = 0");
            statement.execute("SET lock_timeout = " + LOCK_TIMEOUT_MS);
        }
    }

    private static void lock(Connection connection, Collection<TableId> tables) throws SQLException {
        String names = tables.stream().map(TableId::quoted).collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + names + " IN ACCESS SHARE MODE");
        }
    }

    private static Lsn insertLsn(Connection connection) throws SQLException {
        return Lsn.parse(text(connection, "SELECT pg_current_wal_insert_lsn()::text"));
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void closeQuietly(Connection connection, SQLException cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
