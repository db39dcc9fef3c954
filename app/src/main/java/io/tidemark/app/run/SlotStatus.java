package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The replication slot as the source shows it.
 *
 * @param exists false before the first capture
 * @param retainedBytes of WAL the slot holds back
 * @param written how far the source has written its WAL
 */
public record SlotStatus(String name, boolean exists, boolean active, long retainedBytes, Lsn written) {

    private static final String QUERY = """
            SELECT s.slot_name IS NOT NULL AS exists, coalesce(s.active, false) AS active,
                   coalesce(pg_wal_lsn_diff(w.lsn, s.restart_lsn), 0)::bigint AS retained, w.lsn::text AS written
            FROM (SELECT pg_current_wal_lsn() AS lsn) w LEFT JOIN pg_replication_slots s ON s.slot_name = ?
            """;

    /** Asks the source. */
    public static SlotStatus read(Plan plan) {
        String slot = plan.config().source().slot();
        try (Connection connection = SourceConnections.open(plan.captureSource());
                PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new SlotStatus(
                        slot,
                        row.getBoolean("exists"),
                        row.getBoolean("active"),
                        row.getLong("retained"),
                        Lsn.parse(row.getString("written")));
            }
        } catch (SQLException e) {
            throw SourceConnections.explain(plan.captureSource(), e);
        }
    }

    public ObjectNode toJson() {
        return Json.object()
                .put("name", name)
                .put("exists", exists)
                .put("active", active)
                .put("retained_bytes", retainedBytes)
                .put("written", written.toString());
    }
}
