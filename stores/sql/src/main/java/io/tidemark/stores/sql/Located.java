package io.tidemark.stores.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/** Finds the table of a generation, which is called otherwise when readers are given it or another one. */
@FunctionalInterface
interface Located {

    String UNDEFINED_TABLE = "42P01";

    /** Where it is now. */
    GuardedTable look(Connection connection) throws SQLException;

    /** Where it is until the end of the transaction. */
    default GuardedTable in(Connection connection) throws SQLException {
        GuardedTable found = look(connection);
        while (true) {
            boolean moved = !locked(connection, found);
            GuardedTable again = look(connection);
            if (!again.quoted().equals(found.quoted())) {
                found = again;
            } else if (moved) {
                lock(connection, found);
            } else {
                return found;
            }
        }
    }

    /** False when there is nothing of that name: it was renamed since it was looked for. */
    private static boolean locked(Connection connection, GuardedTable table) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            lock(connection, table);
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            if (!UNDEFINED_TABLE.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
            return false;
        }
    }

    private static void lock(Connection connection, GuardedTable table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("lock table " + table.quoted() + " in access share mode");
        }
    }
}
