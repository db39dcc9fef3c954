package io.tidemark.stores.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Finds the table of a generation, which is called otherwise when readers are given it or another one. */
@FunctionalInterface
interface Located {

    /** Where it is now. */
    GuardedTable look(Connection connection) throws SQLException;

    /** Where it is until the end of the transaction. */
    default GuardedTable in(Connection connection) throws SQLException {
        GuardedTable found = look(connection);
        while (true) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("lock table " + found.quoted() + " in access share mode");
            }
            GuardedTable again = look(connection);
            if (again.quoted().equals(found.quoted())) {
                return found;
            }
            found = again;
        }
    }
}
