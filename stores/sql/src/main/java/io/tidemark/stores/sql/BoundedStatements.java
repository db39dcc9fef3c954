package io.tidemark.stores.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Sends rows in statements of bounded size, closing in on rows the warehouse refuses. */
final class BoundedStatements {

    /** A row on its way to a statement. */
    interface Sized {

        /** Characters it has, about. */
        int size();
    }

    /** One statement over some rows. */
    @FunctionalInterface
    interface Work<R> {
        void on(List<R> rows) throws SQLException;
    }

    private static final int STATEMENT_CHARS = 4 << 20;
    private static final int STATEMENT_ROWS = 5_000;

    private final Connection connection;

    BoundedStatements(Connection connection) {
        this.connection = connection;
    }

    /**
     * Sends rows in their order.
     *
     * @param refused told of each row the warehouse refuses, with its words; the others are written
     */
    <R extends Sized> void send(List<R> rows, Work<R> work, BiConsumer<R, String> refused) throws SQLException {
        for (List<R> some : bounded(rows)) {
            sendOrIsolate(some, work, refused);
        }
    }

    private static <R extends Sized> List<List<R>> bounded(List<R> rows) {
        List<List<R>> statements = new ArrayList<>();
        List<R> current = new ArrayList<>();
        long chars = 0;
        for (R row : rows) {
            if (!current.isEmpty() && (chars + row.size() > STATEMENT_CHARS || current.size() == STATEMENT_ROWS)) {
                statements.add(current);
                current = new ArrayList<>();
                chars = 0;
            }
            current.add(row);
            chars += row.size();
        }
        statements.add(current);
        return statements;
    }

    private <R> void sendOrIsolate(List<R> rows, Work<R> work, BiConsumer<R, String> refused) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            work.on(rows);
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (!SqlFailures.isData(e)) {
                throw e;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            if (rows.size() == 1) {
                refused.accept(rows.get(0), String.valueOf(e.getMessage()));
                return;
            }
            int half = rows.size() / 2;
            sendOrIsolate(rows.subList(0, half), work, refused);
            sendOrIsolate(rows.subList(half, rows.size()), work, refused);
        }
    }
}
