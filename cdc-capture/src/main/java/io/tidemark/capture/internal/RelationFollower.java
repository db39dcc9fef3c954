package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.ChangeSink;
import io.tidemark.capture.internal.wal.CapturedTable;
import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a table's description before the first row that it describes. One that no new row follows is not published: the
 * server sends covered transactions again, with the descriptions of then.
 */
final class RelationFollower {

    /** A look at types that change without a message costs a connection. Composite values may be misread until then. */
    private static final long LOOK_AT_COMPOSITES_NANOS = 1_000_000_000L;

    /** Enum labels and partitions. */
    private static final long LOOK_AT_OTHERS_NANOS = 10_000_000_000L;

    private final CaptureSettings settings;
    private final ChangeSink producer;
    private final Supplier<Map<TableId, Relation>> newest;
    private final RelationTracker tracker;
    private final Map<Long, Relation> unpublished = new HashMap<>();
    private final Map<Long, Long> lookedAtNanos = new HashMap<>();
    private final List<RelationChange> changes = new ArrayList<>();
    private @Nullable PublishedRelations published;

    /**
     * Prepares it.
     *
     * @param newest the tables as readers of the topics know them; asked once every other producer is fenced
     */
    RelationFollower(
            CaptureSettings settings,
            ChangeSink producer,
            RelationTracker tracker,
            Supplier<Map<TableId, Relation>> newest) {
        this.newest = newest;
        this.settings = settings;
        this.producer = producer;
        this.tracker = tracker;
    }

    /** Looks, once every other producer is fenced, for what changed without a trace while capture was away. */
    void start() {
        for (Relation relation : tracker.catalogued()) {
            published().requireSameTable(relation.oid(), relation.table());
            Relation shown = settings.columns().applyTo(relation);
            published().of(relation.table()).ifPresent(known -> PublishedRelations.requireSameComposites(known, shown));
        }
    }

    private PublishedRelations published() {
        PublishedRelations current = published;
        if (current == null) {
            current = new PublishedRelations(newest.get());
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

    /**
     * Takes a table's description from a snapshot, which is newer than all that the WAL said of it so far.
     *
     * @param from the next change
     * @return whether rows changed without a trace in the WAL since the description before it
     */
    boolean adopt(Relation relation, Version from) {
        unpublished.remove(relation.oid());
        return publish(relation.oid(), settings.columns().applyTo(relation), from)
                .map(RelationChange::rowsChanged)
                .orElse(false);
    }

    private void await(long oid, Relation now) {
        unpublished.put(oid, settings.columns().applyTo(now));
        lookedAtNanos.put(oid, System.nanoTime());
    }

    /**
     * The table of a row that has come; empty when it is not captured.
     *
     * @param version of its first change
     * @param durable whether the row, and what describes it, is in the topics already
     */
    Optional<CapturedTable> table(long oid, Version version, boolean durable) {
        Optional<CapturedTable> table = tracker.table(oid);
        if (table.isPresent() && !durable) {
            if (isDueToLook(table.get().relation(), oid)) {
                await(oid, tracker.lookAgain(oid));
            }
            publish(oid, version);
        }
        return tracker.table(oid);
    }

    private boolean isDueToLook(Relation relation, long oid) {
        List<String> details = relation.columns().stream().map(Column::detail).toList();
        boolean composites = details.stream().anyMatch(detail -> detail.startsWith("["));
        boolean others = !relation.partitions().isEmpty() || details.stream().anyMatch(detail -> !detail.isEmpty());
        long sinceNanos = System.nanoTime() - lookedAtNanos.getOrDefault(oid, 0L);
        return (composites && sinceNanos > LOOK_AT_COMPOSITES_NANOS) || (others && sinceNanos > LOOK_AT_OTHERS_NANOS);
    }

    private void publish(long oid, Version from) {
        Relation now = unpublished.remove(oid);
        if (now == null) {
            return;
        }
        publish(oid, now, from).ifPresent(changes::add);
    }

    /** Says how the table changed; empty when it did not, or is new to readers. */
    private Optional<RelationChange> publish(long oid, Relation now, Version from) {
        Optional<Relation> before = published().of(now.table());
        Optional<Relation> next = published().replace(now);
        // The source is asked before anything is sent: a description is not to be durable without what follows from it.
        Optional<RelationChange> change = next.isPresent() && before.isPresent()
                ? Optional.of(RelationChange.of(before.get(), next.get(), tracker.withoutWal(oid)))
                : Optional.empty();
        next.map(described -> change.flatMap(made -> before.map(known -> made.published(known, from)))
                        .orElseGet(() -> described.describing(from, described.rowsFrom())))
                .ifPresent(this::send);
        return change;
    }

    private void send(Relation relation) {
        published().published(relation);
        producer.sendRelation(relation);
    }

    /** The changes since the last call. */
    List<RelationChange> takeChanges() {
        List<RelationChange> taken = List.copyOf(changes);
        changes.clear();
        return taken;
    }
}
