package io.tidemark.capture.internal;

import io.tidemark.model.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which cluster a source is, and which of its lives.
 *
 * @param timeline goes up with every promotion of a standby
 */
public record SystemIdentity(String systemIdentifier, long timeline) {

    private static final Pattern LEFT = Pattern.compile("(?m)^(\\d+)\\s+([0-9A-F]+/[0-9A-F]+)\\s");

    /**
     * Where this timeline, or one before it, left another one; empty when it does not come from there, or the server does
     * not say: its files of that may be gone.
     *
     * @param replication to the same source
     */
    Optional<Lsn> left(long other, Connection replication) throws SQLException {
        if (timeline == 1) {
            return Optional.empty();
        }
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            return LEFT.matcher(row.getString("content"))
                    .results()
                    .filter(line -> Long.parseLong(line.group(1)) == other)
                    .map(line -> Lsn.parse(line.group(2)))
                    .findFirst();
        } catch (SQLException e) {
            if (SourceErrors.isConnectionLoss(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Asks over a replication connection, which needs no other right. */
    public static SystemIdentity read(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return new SystemIdentity(row.getString("systemid"), row.getLong("timeline"));
        }
    }
}
