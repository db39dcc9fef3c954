package io.tidemark.app.demo;

import io.tidemark.model.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One thread's share of the traffic. */
final class ShopWorker {

    /** Serialization failure, deadlock, unique and foreign-key violation: another transaction came between. */
    private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "23505", "23503");

    private static final int MAX_ATTEMPTS = 1_000;

    private final SplittableRandom random;
    private final int transactions;
    private final Pace pace;
    private final Consumer<ShopCommit> listener;
    private final BooleanSupplier stopping;
    private final Map<ShopOperation, Long> committed = new EnumMap<>(ShopOperation.class);
    private long retried;

    ShopWorker(
            SplittableRandom random,
            int transactions,
            Pace pace,
            Consumer<ShopCommit> listener,
            BooleanSupplier stopping) {
        this.random = random;
        this.transactions = transactions;
        this.pace = pace;
        this.listener = listener;
        this.stopping = stopping;
    }

    ShopTraffic.Outcome run(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        ShopTransaction transaction = new ShopTransaction(connection, random);
        for (int i = 0; i < transactions && !isStopping(); i++) {
            pace.await(this::isStopping);
            if (!isStopping()) {
                commitOne(connection, transaction);
            }
        }
        return new ShopTraffic.Outcome(committed, retried);
    }

    private boolean isStopping() {
        return stopping.getAsBoolean() || Thread.currentThread().isInterrupted();
    }

    /** Draws operations until one finds something to do and commits. */
    private void commitOne(Connection connection, ShopTransaction transaction) throws SQLException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            ShopOperation operation = ShopOperation.any(random);
            try {
                if (transaction.run(operation)) {
                    connection.commit();
                    committed(connection, operation);
                    return;
                }
                connection.rollback();
            } catch (SQLException e) {
                rollbackConflict(connection, e);
            }
        }
        throw new SQLException("No transaction found anything to do in " + MAX_ATTEMPTS + " attempts");
    }

    private void rollbackConflict(Connection connection, SQLException e) throws SQLException {
        if (e.getSQLState() == null || !CONFLICTS.contains(e.getSQLState())) {
            throw e;
        }
        connection.rollback();
        retried++;
    }

    private void committed(Connection connection, ShopOperation operation) throws SQLException {
        Instant committedAt = Instant.now();
        long committedNanos = System.nanoTime();
        committed.merge(operation, 1L, Long::sum);
        listener.accept(new ShopCommit(operation, token(connection), committedAt, committedNanos));
    }

    private static Lsn token(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select pg_current_wal_insert_lsn()")) {
            result.next();
            return Lsn.parse(result.getString(1));
        } finally {
            connection.rollback();
        }
    }
}
