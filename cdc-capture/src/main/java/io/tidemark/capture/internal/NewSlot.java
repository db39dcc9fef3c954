package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Predicate;

/**
 * The replication slot, just made. Making it waits for every transaction that is writing in the source.
 *
 * @param source it was made in
 * @param lsn the first that it sends: every commit after it, and none before
 */
record NewSlot(SystemIdentity source, Lsn lsn) {

    static NewSlot make(CaptureSettings settings) throws SQLException {
        return make(settings, server -> true);
    }

    /**
     * Makes it, if the server is the right one.
     *
     * @param right asked of the server in which the slot would be made
     */
    static NewSlot make(CaptureSettings settings, Predicate<SystemIdentity> right) throws SQLException {
        try (Connection replication = ReplicationSession.open(settings.source());
                Statement statement = replication.createStatement()) {
            SystemIdentity source = SystemIdentity.read(replication);
            if (!right.test(source)) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "The source database " + settings.source().address()
                                + " is another server than a moment ago: system " + source.systemIdentifier()
                                + ", timeline " + source.timeline() + ". The topics are as they were. Try again");
            }
            try (ResultSet slot = statement.executeQuery(
                    "CREATE_REPLICATION_SLOT " + settings.slot() + " LOGICAL pgoutput NOEXPORT_SNAPSHOT")) {
                slot.next();
                return new NewSlot(source, Lsn.parse(slot.getString("consistent_point")));
            }
        }
    }
}
