package io.tidemark.capture.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Which cluster a source is, and which of its lives.
 *
 * @param timeline goes up with every promotion of a standby
 */
record SystemIdentity(String systemIdentifier, long timeline) {

    /** Asks over a replication connection, which needs no other right. */
    static SystemIdentity read(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return new SystemIdentity(row.getString("systemid"), row.getLong("timeline"));
        }
    }
}
