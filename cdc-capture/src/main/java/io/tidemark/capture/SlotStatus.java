package io.tidemark.capture;

import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.model.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The replication slot as the source shows it.
 *
 * @param exists false before the first capture
 * @param retainedBytes of WAL the slot holds back: from the start of the oldest transaction it may still need
 * @param unconfirmedBytes of WAL written since the last position that capture confirmed
 * @param walStatus PostgreSQL's word: {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
 * @param safeBytes of WAL that can be written before the server gives the slot up; empty when it never does
 * @param inactiveSince when nobody reads it and the server says since when (PostgreSQL 17 and newer)
 * @param invalidation why the server gave it up, empty where it did not
 * @param written how far the source has written its WAL
 * @param walBytesPerSecond that the source writes, the average since its last checkpoint began; 0 where the role may not ask
 */
public record SlotStatus(
        String name,
        boolean exists,
        boolean active,
        long retainedBytes,
        long unconfirmedBytes,
        String walStatus,
        OptionalLong safeBytes,
        Optional<Instant> inactiveSince,
        String invalidation,
        Lsn written,
        long walBytesPerSecond) {

    /** Columns that only newer versions have are asked for as JSON: {@code inactive_since} and the reason are of 17. */
    private static final String QUERY = """
            SELECT s.slot_name IS NOT NULL AS exists, coalesce(s.active, false) AS active,
                   coalesce(pg_wal_lsn_diff(w.lsn, s.restart_lsn), 0)::bigint AS retained,
                   greatest(coalesce(pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn), 0), 0)::bigint AS unconfirmed,
                   coalesce(s.wal_status, '') AS wal_status, s.safe_wal_size,
                   to_jsonb(s) ->> 'inactive_since' AS inactive_since,
                   coalesce(to_jsonb(s) ->> 'invalidation_reason', s.wal_status, '') AS invalidation,
                   w.lsn::text AS written
            FROM (SELECT pg_current_wal_lsn() AS lsn) w LEFT JOIN pg_replication_slots s ON s.slot_name = ?
            """;

    /** Everybody may call the function, unless somebody revoked that. */
    private static final String MAY_ASK_RATE = "SELECT has_function_privilege('pg_control_checkpoint()', 'EXECUTE')";

    private static final String RATE = """
            SELECT (pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)
                       / greatest(1, extract(epoch FROM clock_timestamp() - checkpoint_time))::numeric)::bigint
            FROM pg_control_checkpoint()
            """;

    private static final String LOST = "lost";

    /** Asks the source, with a connection of its own. */
    public static SlotStatus read(CaptureSettings settings) {
        try (Connection connection = SourceErrors.connect(settings.source())) {
            return read(connection, settings.slot());
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** Asks the source. */
    public static SlotStatus read(Connection connection, String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return of(slot, row, rate(connection));
            }
        }
    }

    private static long rate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet may = statement.executeQuery(MAY_ASK_RATE)) {
                may.next();
                if (!may.getBoolean(1)) {
                    return 0;
                }
            }
            try (ResultSet rate = statement.executeQuery(RATE)) {
                rate.next();
                return rate.getLong(1);
            }
        }
    }

    private static SlotStatus of(String slot, ResultSet row, long rate) throws SQLException {
        long safe = row.getLong("safe_wal_size");
        OptionalLong safeBytes = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(Math.max(0L, safe));
        String walStatus = row.getString("wal_status");
        return new SlotStatus(
                slot,
                row.getBoolean("exists"),
                row.getBoolean("active"),
                row.getLong("retained"),
                row.getLong("unconfirmed"),
                walStatus,
                safeBytes,
                instant(row.getString("inactive_since")),
                walStatus.equals(LOST) ? row.getString("invalidation") : "",
                Lsn.parse(row.getString("written")),
                rate);
    }

    private static Optional<Instant> instant(@Nullable String text) {
        return Optional.ofNullable(text).map(each -> OffsetDateTime.parse(each).toInstant());
    }

    /** Whether the server removed WAL that the slot still needed, or gave it up for another reason. */
    public boolean isLost() {
        return walStatus.equals(LOST);
    }
}
