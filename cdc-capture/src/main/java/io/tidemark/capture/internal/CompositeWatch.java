package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Notices that a composite type was altered. The WAL does not say so, and the text of its values names no attribute: rows
 * from before would be read by the attributes of after. It also changes what {@code to_jsonb} prints of every row there
 * is, without a change in the WAL, so that topics made before are wrong in any case.
 */
final class CompositeWatch {

    /** A look costs a connection. */
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    /** An attribute written after its type was made, in a transaction that the slot may still have to decode. */
    private static final String ATTRIBUTES = """
            SELECT t.oid, t.oid::regtype::text AS name,
                   string_agg(a.attnum || ' ' || a.xmin::text, ',' ORDER BY a.attnum) AS version,
                   bool_or(a.xmin <> t.xmin AND age(a.xmin) <= age(s.catalog_xmin)) AS late
            FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0
            LEFT JOIN pg_replication_slots s ON s.slot_name = ?
            WHERE t.oid = ANY (?::oid[])
            GROUP BY t.oid
            """;

    private final CaptureSettings settings;
    private final Map<Long, String> versions = new HashMap<>();
    private long lookedAtNanos;

    CompositeWatch(CaptureSettings settings) {
        this.settings = settings;
    }

    /**
     * A row with values of these types has arrived.
     *
     * @throws TidemarkException NOT_CAPTURABLE when one of them was altered since it was seen first, or since the slot's
     *     oldest transaction
     */
    void requireUnaltered(Set<Long> composites) {
        boolean lookedLately = System.nanoTime() - lookedAtNanos < LOOK_EVERY_NANOS;
        if (composites.isEmpty() || (lookedLately && versions.keySet().containsAll(composites))) {
            return;
        }
        try (Connection connection = SourceErrors.connect(settings.source());
                PreparedStatement statement = connection.prepareStatement(ATTRIBUTES)) {
            statement.setString(1, settings.slot());
            statement.setString(2, composites.toString().replace('[', '{').replace(']', '}'));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    require(row);
                }
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
        lookedAtNanos = System.nanoTime();
    }

    private void require(ResultSet row) throws SQLException {
        String version = row.getString("version");
        String before = versions.putIfAbsent(row.getLong("oid"), version);
        if (before == null ? row.getBoolean("late") : !before.equals(version)) {
            throw new TidemarkException(
                    ErrorCode.NOT_CAPTURABLE,
                    "Composite type " + row.getString("name") + " was altered while tables with it were captured, which"
                            + " changes their rows without a trace in the WAL. Capture under a new kafka.prefix and slot");
        }
    }
}
