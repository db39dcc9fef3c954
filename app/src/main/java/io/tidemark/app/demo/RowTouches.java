package io.tidemark.app.demo;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Traffic for any schema: transactions that give one to three random rows, of any tables, the value that another row of
 * the table has in a random column outside the key, foreign keys included. What a constraint refuses is rolled back.
 */
final class RowTouches {

    private record Target(String table, String column, String key) {}

    private final List<Target> targets;
    private final SplittableRandom random;
    private final Pace pace;

    RowTouches(List<Relation> relations, long seed, double perSecond) {
        this.targets = relations.stream()
                .flatMap(relation -> relation.columns().stream()
                        .filter(column -> !relation.primaryKey().contains(column.name()))
                        .map(column -> new Target(
                                relation.table().quoted(),
                                SqlIdentifiers.quote(column.name()),
                                relation.primaryKey().stream()
                                        .map(SqlIdentifiers::quote)
                                        .collect(Collectors.joining(", ")))))
                .toList();
        this.random = new SplittableRandom(seed);
        this.pace = new Pace(perSecond);
    }

    /** Runs until so many transactions have committed, or were tried twice over, or {@code stopping}; counts commits. */
    long run(Connection connection, int transactions, DemoTraffic.Listener listener, BooleanSupplier stopping)
            throws SQLException {
        if (targets.isEmpty()) {
            return 0;
        }
        connection.setAutoCommit(false);
        long committed = 0;
        for (int tried = 0;
                committed < transactions && tried < 2L * transactions && !stopping.getAsBoolean();
                tried++) {
            pace.await(stopping);
            if (touch(connection)) {
                committed++;
                commit(connection, listener);
            }
        }
        return committed;
    }

    private boolean touch(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int changes = 1 + random.nextInt(3);
            for (int i = 0; i < changes; i++) {
                statement.executeUpdate(update(targets.get(random.nextInt(targets.size()))));
            }
            return true;
        } catch (SQLException e) {
            connection.rollback();
            if (e.getSQLState() != null
                    && (e.getSQLState().startsWith("23") || e.getSQLState().startsWith("40"))) {
                return false;
            }
            throw new TidemarkException(ErrorCode.FAILED, "The demo's traffic failed: " + e.getMessage(), e);
        }
    }

    private String update(Target target) {
        String one = "(SELECT %s FROM " + target.table() + " ORDER BY " + target.key() + " OFFSET floor("
                + random.nextDouble() + " * (SELECT count(*) FROM " + target.table() + ")) LIMIT 1)";
        String other = "(SELECT %s FROM " + target.table() + " ORDER BY " + target.key() + " OFFSET floor("
                + random.nextDouble() + " * (SELECT count(*) FROM " + target.table() + ")) LIMIT 1)";
        return "UPDATE " + target.table() + " SET " + target.column() + " = "
                + String.format(other, target.column()) + " WHERE (" + target.key() + ") = "
                + String.format(one, target.key());
    }

    private static void commit(Connection connection, DemoTraffic.Listener listener) throws SQLException {
        connection.commit();
        long nanos = System.nanoTime();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            listener.committed(Lsn.parse(row.getString(1)), nanos);
        }
        connection.rollback();
    }
}
