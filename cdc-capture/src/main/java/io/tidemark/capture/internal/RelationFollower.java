package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.RelationsTopic;
import io.tidemark.capture.internal.wal.CapturedTable;
import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes a table's description before the first row that it describes. One that no new row follows is not published: the
 * server sends covered transactions again, with the descriptions of then.
 */
final class RelationFollower {

    private static final Logger LOG = LoggerFactory.getLogger(RelationFollower.class);

    /** A look at types that change without a message costs a connection. Composite values may be misread until then. */
    private static final long LOOK_AT_COMPOSITES_NANOS = 1_000_000_000L;

    private static final long LOOK_AT_LABELS_NANOS = 10_000_000_000L;

    private final CaptureSettings settings;
    private final ChangeProducer producer;
    private final RelationTracker tracker;
    private final Map<Long, Relation> unpublished = new HashMap<>();
    private final Map<Long, Long> lookedAtNanos = new HashMap<>();
    private final List<RelationChange> changes = new ArrayList<>();
    private @Nullable PublishedRelations published;

    RelationFollower(CaptureSettings settings, ChangeProducer producer, RelationTracker tracker) {
        this.settings = settings;
        this.producer = producer;
        this.tracker = tracker;
    }

    /** Looks, once every other producer is fenced, for what changed without a trace while capture was away. */
    void start() {
        for (Relation relation : tracker.catalogued()) {
            Relation shown = settings.columns().applyTo(relation);
            published().of(relation.table()).ifPresent(known -> PublishedRelations.requireSameComposites(known, shown));
        }
    }

    private PublishedRelations published() {
        PublishedRelations current = published;
        if (current == null) {
            current = new PublishedRelations(new RelationsTopic(settings).newest());
            published = current;
        }
        return current;
    }

    /**
     * A table's description has come. Every one is held against the rules of its columns, before any of its rows: under
     * another name a column would go on unprotected.
     */
    void describe(WalMessage.RelationMessage message) {
        published().requireSameTable(message.oid(), new TableId(message.schema(), message.name()));
        tracker.describe(message).ifPresent(now -> await(message.oid(), now));
    }

    private void await(long oid, Relation now) {
        unpublished.put(oid, settings.columns().applyTo(now));
        lookedAtNanos.put(oid, System.nanoTime());
    }

    /**
     * The table of a row that has come; empty when it is not captured.
     *
     * @param durable whether the row, and what describes it, is in the topics already
     */
    Optional<CapturedTable> table(long oid, boolean durable) {
        Optional<CapturedTable> table = tracker.table(oid);
        if (table.isPresent() && !durable) {
            if (isDueToLook(table.get(), oid)) {
                await(oid, tracker.lookAgain(oid));
            }
            publish(oid);
        }
        return tracker.table(oid);
    }

    private boolean isDueToLook(CapturedTable table, long oid) {
        Set<Column> inPlace = table.changeInPlace();
        long every = inPlace.stream().anyMatch(column -> column.detail().startsWith("["))
                ? LOOK_AT_COMPOSITES_NANOS
                : LOOK_AT_LABELS_NANOS;
        return !inPlace.isEmpty() && System.nanoTime() - lookedAtNanos.getOrDefault(oid, 0L) > every;
    }

    private void publish(long oid) {
        Relation now = unpublished.remove(oid);
        if (now == null) {
            return;
        }
        Optional<Relation> before = published().of(now.table());
        Optional<Relation> next = published().replace(now);
        next.ifPresent(producer::sendRelation);
        if (next.isPresent() && before.isPresent()) {
            note(RelationChange.of(before.get(), next.get(), tracker.filled(oid)));
        }
    }

    private void note(RelationChange change) {
        changes.add(change);
        if (change.rowsChanged()) {
            LOG.warn(
                    "Table {} was altered in a way that may change rows without a trace in the WAL: rows in its topic stay"
                            + " as they were until they are updated",
                    change.now().table());
        }
    }

    /** The changes since the last call. */
    List<RelationChange> takeChanges() {
        List<RelationChange> taken = List.copyOf(changes);
        changes.clear();
        return taken;
    }
}
