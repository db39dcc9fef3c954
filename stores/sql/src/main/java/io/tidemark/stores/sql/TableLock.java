package io.tidemark.stores.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Keeps those who delete documents of a table apart from all others who write there. */
final class TableLock {

    private TableLock() {}

    /** Ends with the transaction. Statements after it see all that was committed under a lock that excludes this one. */
    static void take(Connection connection, GuardedTable table, boolean alone) throws SQLException {
        String function = alone ? "pg_advisory_xact_lock" : "pg_advisory_xact_lock_shared";
        try (PreparedStatement lock =
                connection.prepareStatement("select " + function + "(hashtextextended('tidemark table ' || ?, 0))")) {
            lock.setString(1, table.quoted());
            lock.execute();
        }
    }
}
