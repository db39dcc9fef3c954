package io.tidemark.capture.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.ChangeSink;
import io.tidemark.capture.internal.snapshot.Backfill;
import io.tidemark.capture.internal.snapshot.Chunk;
import io.tidemark.capture.internal.wal.CapturedTable;
import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.model.Change;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns the WAL's row messages into changes and sends them. */
public final class ChangeEncoder {

    /** Every role may write a message: one too large for Kafka must not stop capture. */
    private static final int MESSAGE_BYTES = 512 * 1024;

    private final CaptureSettings settings;
    private final ChangeSink producer;
    private final RelationFollower relations;
    private final String database;
    private final Backfill backfill;
    private final Consumer<RelationChange> altered;
    private int durable;
    private Lsn commit = Lsn.ZERO;

    /**
     * Prepares it.
     *
     * @param published the tables as readers of the topics know them; asked once every other producer is fenced
     * @param altered told of each table that was altered, before the first row that shows it is sent
     */
    public ChangeEncoder(
            CaptureSettings settings,
            ChangeSink producer,
            RelationTracker relations,
            Supplier<Map<TableId, Relation>> published,
            Backfill backfill,
            Consumer<RelationChange> altered) {
        this.backfill = backfill;
        this.altered = altered;
        this.settings = settings;
        this.producer = producer;
        this.relations = new RelationFollower(settings, producer, relations, published);
        this.database = settings.source().database();
    }

    /**
     * A transaction begins.
     *
     * @param commitLsn where its commit record starts
     * @param durableChanges those with an order below this are not to be sent again
     */
    public void begin(Lsn commitLsn, int durableChanges) {
        commit = commitLsn;
        durable = durableChanges;
    }

    /**
     * Takes a table's description from a snapshot, which is newer than all that the WAL said of it so far.
     *
     * @param next the position that comes next
     * @return whether rows changed without a trace in the WAL since the description before it
     */
    boolean adopt(Relation relation, long next) {
        return relations.adopt(relation, new Version(next, 0));
    }

    /** Sends a chunk of a snapshot. */
    void write(Chunk chunk, long position) {
        for (int order = 0; order < chunk.rows().size(); order++) {
            Chunk.Row row = chunk.rows().get(order);
            producer.send(chunk.relation().table(), row.key(), new Version(position, order), row.envelope());
        }
    }

    /** Sends deletes of rows that the source does not have. */
    void delete(TableId table, List<RowKey> keys, long position, Lsn lsn, long commitTimeMs) {
        Change.Source source =
                new Change.Source(settings.topics().prefix(), settings.source().database(), true, 0, lsn, commitTimeMs);
        for (int order = 0; order < keys.size(); order++) {
            RowKey key = keys.get(order);
            Version version = new Version(position, order);
            Change change = new Change(Operation.DELETE, table, key.values(), null, source);
            producer.send(table, key, version, Json.bytes(change.toJson()));
            producer.send(table, key, version, null);
        }
    }

    /** This capture alone writes from here on. */
    void start() {
        relations.start();
    }

    /** A table's description has come. */
    public void describe(WalMessage.RelationMessage message) {
        relations.describe(message);
    }

    /**
     * Sends what a row message says.
     *
     * @param order of the first change sent
     * @return number of changes sent: none for a table that is not captured, two when a key changed, one
     *     per partition and table for a truncate
     */
    public int write(WalMessage row, WalMessage.Begin transaction, Lsn lsn, long position, int order) {
        Change.Source source = new Change.Source(
                settings.topics().prefix(),
                database,
                false,
                transaction.xid(),
                lsn,
                transaction.commitTime().toEpochMilli());
        Version version = new Version(position, order);
        if (row instanceof WalMessage.Insert insert) {
            return table(insert.relationOid(), version)
                    .map(table -> insert(table, insert, source, version))
                    .orElse(0);
        }
        if (row instanceof WalMessage.Update update) {
            return table(update.relationOid(), version)
                    .map(table -> update(table, update, source, version))
                    .orElse(0);
        }
        if (row instanceof WalMessage.Delete delete) {
            return table(delete.relationOid(), version)
                    .map(table -> delete(table, table.oldRow(delete.before()), source, version))
                    .orElse(0);
        }
        if (row instanceof WalMessage.LogicalMessage message) {
            return message(message, source, version);
        }
        if (row instanceof WalMessage.Truncate truncate) {
            return truncate(truncate, source, version);
        }
        return 0;
    }

    private Optional<CapturedTable> table(long oid, Version version) {
        Optional<CapturedTable> table = relations.table(oid, version, version.order() < durable);
        relations.takeChanges().forEach(altered);
        return table;
    }

    /** Debezium's envelope of a logical message: content is base64, since it may be anything. */
    private int message(WalMessage.LogicalMessage message, Change.Source source, Version version) {
        if (version.order() >= durable) {
            ByteBuffer content = message.content().duplicate();
            byte[] bytes = new byte[content.remaining()];
            content.get(bytes);
            ObjectNode envelope = Json.object().put("op", "m").put("ts_ms", source.commitTimeMs());
            envelope.set("source", source.toJson("", ""));
            ObjectNode json = envelope.putObject("message").put("prefix", message.prefix());
            if (bytes.length > MESSAGE_BYTES) {
                json.putNull("content").put("omitted_bytes", bytes.length);
            } else {
                json.put("content", Base64.getEncoder().encodeToString(bytes));
            }
            producer.sendMessage(
                    Json.bytes(Json.object().put("prefix", message.prefix())), version, Json.bytes(envelope));
        }
        return 1;
    }

    private int insert(CapturedTable table, WalMessage.Insert insert, Change.Source source, Version version) {
        send(table, Operation.CREATE, null, table.row(insert.after(), null), source, version);
        return 1;
    }

    private int update(CapturedTable table, WalMessage.Update update, Change.Source source, Version version) {
        ObjectNode after = table.row(update.after(), update.before());
        @Nullable ObjectNode before = update.before() == null ? null : table.oldRow(update.before());
        if (before != null && !table.keyOf(before).equals(table.keyOf(after))) {
            delete(table, before, source, version);
            Version next = new Version(version.position(), version.order() + 1);
            send(table, Operation.CREATE, null, after, source, next);
            return 2;
        }
        send(table, Operation.UPDATE, before, after, source, version);
        return 1;
    }

    private int delete(CapturedTable table, ObjectNode before, Change.Source source, Version version) {
        RowKey key = send(table, Operation.DELETE, before, null, source, version);
        if (version.order() >= durable) {
            producer.send(table.relation().table(), key, version, null);
        }
        return 1;
    }

    private RowKey send(
            CapturedTable table,
            Operation operation,
            @Nullable ObjectNode before,
            @Nullable ObjectNode after,
            Change.Source source,
            Version version) {
        ObjectNode keyed = after != null ? after : before;
        if (keyed == null) {
            throw new IllegalArgumentException("A change has a row before or after");
        }
        RowKey key = table.keyOf(keyed);
        backfill.touched(table.relation().table(), key, commit);
        protect(table, before);
        protect(table, after);
        Change change = new Change(operation, table.relation().table(), before, after, source);
        if (version.order() >= durable) {
            producer.send(table.relation().table(), key, version, Json.bytes(change.toJson()));
        }
        return key;
    }

    private void protect(CapturedTable table, @Nullable ObjectNode row) {
        if (row != null) {
            settings.columns().applyTo(table.relation().table(), row);
        }
    }

    /** One change for each partition of each captured table: its own rows are all that a partition's reader knows. */
    private int truncate(WalMessage.Truncate truncate, Change.Source source, Version first) {
        int order = first.order();
        for (long oid : truncate.relationOids()) {
            Optional<TableId> table = table(oid, new Version(first.position(), order))
                    .map(each -> each.relation().table());
            if (table.isPresent()) {
                backfill.rewritten(table.get(), commit);
                byte[] envelope = Json.bytes(new Change(Operation.TRUNCATE, table.get(), null, null, source).toJson());
                for (int partition = 0; partition < settings.partitions(); partition++) {
                    Version version = new Version(first.position(), order++);
                    if (version.order() >= durable) {
                        producer.sendTruncate(table.get(), partition, version, envelope);
                    }
                }
            }
        }
        return order - first.order();
    }
}
