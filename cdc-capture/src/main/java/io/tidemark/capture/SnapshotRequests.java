package io.tidemark.capture;

import io.tidemark.capture.internal.SnapshotRequest;
import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Asks a capture, running or not, to read a table again. */
public final class SnapshotRequests {

    private SnapshotRequests() {}

    /**
     * Leaves the wish in the source's WAL.
     *
     * @return where it stands: a capture that has {@linkplain CapturedState#reached() reached} it knows of it, and reads as
     *     long as the table is among those it is {@linkplain CapturedState#filling() filling}
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the source does not answer
     */
    public static Lsn ask(CaptureSettings.Source source, TableId table) {
        try (Connection connection = SourceErrors.connect(source);
                PreparedStatement statement =
                        connection.prepareStatement("SELECT pg_logical_emit_message(false, ?, ?)::text")) {
            statement.setString(1, SnapshotRequest.PREFIX);
            statement.setString(2, table.toString());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return Lsn.parse(row.getString(1));
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(source, e);
        }
    }
}
