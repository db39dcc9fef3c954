package io.tidemark.stores.sql;

import io.tidemark.model.TableId;
import io.tidemark.model.store.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Keeps those who delete documents of a generation apart from all others who write it, and its table under its name. */
final class TableLock {

    private TableLock() {}

    /**
     * Ends with the transaction. Statements after it see all that was committed under a lock that excludes this one.
     *
     * @param served the table of the configuration
     */
    static void take(Connection connection, TableId served, Generation generation, boolean alone) throws SQLException {
        Beside.share(connection, served.toString(), generation);
        String function = alone ? "pg_advisory_xact_lock" : "pg_advisory_xact_lock_shared";
        try (PreparedStatement lock =
                connection.prepareStatement("select " + function + "(hashtextextended('tidemark table ' || ?, 0))")) {
            lock.setString(1, served.quoted() + (generation.number() == 1 ? "" : generation));
            lock.execute();
        }
    }
}
