package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The replication slot, just made. Making it waits for every transaction that is writing in the source.
 *
 * @param source it was made in
 * @param lsn the first that it sends: every commit after it, and none before
 */
record NewSlot(SystemIdentity source, Lsn lsn) {

    static NewSlot make(CaptureSettings settings) throws SQLException {
        try (Connection replication = ReplicationSession.open(settings.source());
                Statement statement = replication.createStatement()) {
            SystemIdentity source = SystemIdentity.read(replication);
            try (ResultSet slot = statement.executeQuery(
                    "CREATE_REPLICATION_SLOT " + settings.slot() + " LOGICAL pgoutput NOEXPORT_SNAPSHOT")) {
                slot.next();
                return new NewSlot(source, Lsn.parse(slot.getString("consistent_point")));
            }
        }
    }
}
