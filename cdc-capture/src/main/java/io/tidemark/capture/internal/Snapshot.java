package io.tidemark.capture.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.wal.RowDepth;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.model.Change;
import io.tidemark.model.Column;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.SqlReason;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The initial snapshot: creates the slot, reads every table by COPY under the snapshot the slot exports, and commits all
 * of it with the first tidemark in one Kafka transaction. The stream goes on exactly where the snapshot ends.
 *
 * <p>Rows are printed by {@code to_jsonb} on the server, so a row reads the same here as in the stream.
 */
final class Snapshot {

    static final long POSITION = 1;

    private final CaptureSettings settings;
    private final ChangeProducer producer;
    private final SnapshotProgress progress;
    private long rows;

    Snapshot(CaptureSettings settings, ChangeProducer producer, SnapshotProgress progress) {
        this.settings = settings;
        this.producer = producer;
        this.progress = progress;
    }

    /** Where the slot begins, and the snapshot of just before. */
    private record Slot(SystemIdentity system, Lsn consistentPoint, String snapshotName) {}

    /** Creates the slot and fills the topics; returns the first state. */
    CaptureState take() {
        // The exported snapshot lives as long as the connection that created the slot does nothing else.
        try (Connection replication = ReplicationSession.open(settings.source())) {
            Slot slot = createSlot(replication);
            try (Connection connection = SourceErrors.connect(settings.source())) {
                enterSnapshot(connection, slot);
                List<Relation> relations = SourceCatalog.read(connection, new HashSet<>(settings.tables())::contains);
                TypeCatalog types = TypeCatalog.read(connection);
                relations.forEach(relation -> requireCapturable(types, relation));
                List<Relation> published =
                        relations.stream().map(settings.columns()::applyTo).toList();
                published.forEach(producer::sendRelation);
                for (Relation relation : published) {
                    copy(connection, relation, slot);
                }
                return commit(slot);
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    private Slot createSlot(Connection replication) throws SQLException {
        SystemIdentity system = SystemIdentity.read(replication);
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery(
                        "CREATE_REPLICATION_SLOT " + settings.slot() + " LOGICAL pgoutput EXPORT_SNAPSHOT")) {
            row.next();
            Lsn start = Lsn.parse(row.getString("consistent_point"));
            return new Slot(system, start, row.getString("snapshot_name"));
        }
    }

    private static void enterSnapshot(Connection connection, Slot slot) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            statement.execute("SET TRANSACTION SNAPSHOT " + SqlIdentifiers.literal(slot.snapshotName()));
        }
        ReplicationSession.applySettings(connection);
    }

    private static void requireCapturable(TypeCatalog types, Relation relation) {
        relation.columns().forEach(column -> RelationTracker.valueType(types, relation.table(), column));
    }

    private void copy(Connection connection, Relation relation, Slot slot) throws SQLException {
        Change.Source source = new Change.Source(
                settings.topics().prefix(),
                ChangeEncoder.databaseOf(settings.source().jdbcUrl()),
                true,
                0,
                slot.consistentPoint(),
                System.currentTimeMillis());
        ObjectNode envelope = new Change(Operation.READ, relation.table(), null, null, source).toJson();
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copyStatement(relation));
        try {
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                send(relation, envelope, RowDepth.parseRow(relation.table(), unescape(line)));
            }
        } catch (SQLException e) {
            throw unprintable(relation, e);
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
        progress.read(relation.table(), rows);
    }

    /** Errors of the data itself, which come from {@code to_jsonb}, name the table; others are what they are. */
    private static SQLException unprintable(Relation relation, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (!state.startsWith("22") && !state.startsWith("54")) {
            return e;
        }
        throw new TidemarkException(
                ErrorCode.NOT_CAPTURABLE,
                "Table " + relation.table() + " holds a row that to_jsonb refuses: " + SqlReason.of(e)
                        + ". Mend such rows (docs/types.md says how to find them) and start again, or leave the table out"
                        + " of source.tables",
                e);
    }

    private void send(Relation relation, ObjectNode envelope, ObjectNode row) {
        settings.columns().applyTo(relation.table(), row);
        envelope.set("after", row);
        int order = Math.toIntExact(rows % Integer.MAX_VALUE);
        producer.send(relation.table(), relation.keyOf(row), new Version(POSITION, order), Json.bytes(envelope));
        if (++rows % 10_000 == 0) {
            progress.read(relation.table(), rows);
        }
    }

    private static String copyStatement(Relation relation) {
        List<String> columns = relation.columns().stream().map(Column::name).toList();
        return "COPY (SELECT to_jsonb(t) FROM (SELECT " + SqlIdentifiers.quoteAll(columns) + " FROM "
                + relation.table().quoted() + ") t) TO STDOUT (ENCODING 'UTF8')";
    }

    /** COPY's text format doubles backslashes; JSON from jsonb holds nothing else that it would escape. */
    private static byte[] unescape(byte[] line) {
        String text = new String(line, StandardCharsets.UTF_8);
        return text.indexOf('\\') < 0 ? line : text.replace("\\\\", "\\").getBytes(StandardCharsets.UTF_8);
    }

    private CaptureState commit(Slot slot) {
        CaptureState before = new CaptureState(
                UUID.randomUUID().toString(),
                slot.system().systemIdentifier(),
                slot.system().timeline(),
                new Cut(TidemarkRef.NONE, zeros()),
                Instant.EPOCH,
                Lsn.ZERO,
                null);
        producer.endOfTransaction();
        Tidemark first = new Tidemark(POSITION, slot.consistentPoint(), true, Map.of(), List.of());
        return producer.commit(before, first, null);
    }

    private Map<String, List<Long>> zeros() {
        Map<String, List<Long>> zeros = new HashMap<>();
        List<Long> none = new ArrayList<>();
        for (int partition = 0; partition < settings.partitions(); partition++) {
            none.add(0L);
        }
        settings.tables().forEach(table -> zeros.put(settings.topics().changes(table), none));
        return zeros;
    }
}
