package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.CommittedRecords;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stops a capture whose publication does not send all of its tables any more, or did not for a while: the server says
 * nothing of what it leaves out. How the publication was when capture began is kept in the relations topic.
 */
final class PublicationGuard {

    private static final String KEY = "publication";

    private final CaptureSettings settings;
    private volatile @Nullable PublicationState begun;
    private volatile String sound = "";
    private boolean stored;

    PublicationGuard(CaptureSettings settings) {
        this.settings = settings;
    }

    /** Takes the publication as it is before the slot is made. */
    void begin(Connection connection) throws SQLException {
        begun = PublicationState.read(connection, settings.publication());
    }

    /**
     * Asked before a session, and again and again within it.
     *
     * @throws TidemarkException DATA_LOSS when changes may not have been sent
     */
    void requireUnchanged(Connection connection) throws SQLException {
        String asked = one(connection, "SELECT pg_current_wal_lsn()::text");
        PublicationState now = PublicationState.read(connection, settings.publication());
        PublicationState before = begun;
        if (before == null) {
            before = atFirst(now);
            begun = before;
        }
        var difference = now.differenceFrom(before, settings.tables());
        if (difference.isPresent()) {
            throw lost(connection, before, difference.get());
        }
        sound = asked;
    }

    /** Keeps, with what is committed next, how the publication was when its tables were first captured. */
    void remember(ChangeProducer producer) {
        PublicationState state = begun;
        if (state != null && !stored) {
            producer.sendNote(KEY, state.toJson());
        }
    }

    private PublicationState atFirst(PublicationState now) {
        AtomicReference<@Nullable PublicationState> found = new AtomicReference<>();
        new CommittedRecords(settings.kafkaClient()).forEach(settings.topics().relations(), record -> {
            if (Arrays.equals(record.key(), KEY.getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
                found.set(PublicationState.fromJson(Json.parse(record.value())));
            }
        });
        PublicationState kept = found.get();
        stored = kept != null && kept.tables().keySet().containsAll(settings.tables());
        return kept == null ? now : now.with(kept);
    }

    private TidemarkException lost(Connection connection, PublicationState before, String difference)
            throws SQLException {
        List<TableId> gone = settings.tables().stream()
                .filter(table -> !exists(connection, table.quoted()))
                .toList();
        if (!gone.isEmpty()) {
            return new TidemarkException(
                    ErrorCode.NOT_CAPTURABLE,
                    "Table " + gone.stream().map(TableId::toString).collect(Collectors.joining(", "))
                            + whatBecameOf(connection, before, gone)
                            + " while it was captured, which this version cannot follow. Capture under a new kafka.prefix and slot");
        }
        return new TidemarkException(
                ErrorCode.DATA_LOSS,
                "Publication '" + settings.publication() + "' " + difference
                        + " while it was captured from: the server does not send what was changed without it"
                        + (sound.isEmpty() ? "" : ", from about " + sound + " on")
                        + ". 'tidemark recover --dry-run' says what differs, 'tidemark recover' mends it and goes on."
                        + " To start over, drop the topics with prefix '"
                        + settings.topics().prefix() + "' and the slot, or use a new kafka.prefix and slot");
    }

    /** Of one table, what it is called now. */
    private static String whatBecameOf(Connection connection, PublicationState before, List<TableId> gone)
            throws SQLException {
        OptionalLong oid = gone.size() == 1 ? before.oidOf(gone.get(0)) : OptionalLong.empty();
        if (oid.isPresent()) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT n.nspname, c.relname FROM pg_class c"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?")) {
                statement.setLong(1, oid.getAsLong());
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        return " was renamed to " + new TableId(row.getString(1), row.getString(2));
                    }
                }
            }
        }
        return " was dropped or renamed";
    }

    private static boolean exists(Connection connection, String table) {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }
}
