package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tables being filled, and what may be written of them between two transactions of the stream. Used by the thread of
 * the stream; the reading is done by threads of a {@link SnapshotRound}.
 *
 * <p>A chunk read by a snapshot is written once the stream has passed that snapshot, without the keys touched by what
 * committed after it: such a row is newer in the topic. A snapshot is given up, and a later one goes on after the last
 * finished range, when it is too old, when too many keys were touched since, or when capture was killed meanwhile. This is
 * the watermark method of DBLog (Andreakis and Papapanagiotou, 2020), with an exported snapshot in the place of its
 * watermarks: that one is exact.
 */
public final class Backfill implements AutoCloseable {

    private static final int KEYS_KEPT = 500_000;
    private static final int TRANSACTIONS_KEPT = 100_000;

    /** A snapshot keeps the source from removing dead rows. It is given up after a range, so that each gets on. */
    private static final long OLDEST_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final CaptureSettings settings;
    private final SnapshotMeter meter;
    private final Runnable ready;
    private final TouchedKeys touched = new TouchedKeys(KEYS_KEPT);
    private final PassedTransactions passed = new PassedTransactions(TRANSACTIONS_KEPT);
    private final Map<TableId, FillingTable> tables = new LinkedHashMap<>();
    private final Map<TableId, ComparedRows> compared = new HashMap<>();
    private @Nullable SnapshotRound round;
    private @Nullable TopicSweep sweep;
    private boolean betweenRanges;

    /**
     * Rows that are no more.
     *
     * @param all whether the table is complete without them
     */
    public record Leftovers(TableId table, List<RowKey> keys, boolean all) {}

    /**
     * Begins with nothing to fill.
     *
     * @param ready called from another thread when there may be a chunk
     */
    public Backfill(CaptureSettings settings, SnapshotMeter meter, Runnable ready) {
        this.settings = settings;
        this.meter = meter;
        this.ready = ready;
    }

    /** Adds a table to fill; one that is being filled begins anew. */
    public void add(FillingTable table) {
        tables.put(table.table(), table);
        end();
        endSweep();
        forgetCompared(table.table());
    }

    /** How far each table is; what a session that comes after this one starts from. */
    public List<FillingTable> tables() {
        return new ArrayList<>(tables.values());
    }

    /** How a table that is being filled stands; empty when it is not. */
    public Optional<Standing> standing(TableId table) {
        return Optional.ofNullable(tables.get(table)).map(FillingTable::standing);
    }

    /** A captured transaction ended, whose commit record starts there. */
    public void passed(Lsn commit, long position) {
        if (!isIdle()) {
            passed.add(commit, position);
        }
    }

    private FillingTable require(TableId id) {
        FillingTable table = tables.get(id);
        if (table == null) {
            throw new IllegalStateException(id + " is not being filled");
        }
        return table;
    }

    public boolean isIdle() {
        return tables.isEmpty();
    }

    /** A transaction whose commit record starts there touched a row. */
    public void touched(TableId table, RowKey key, Lsn commit) {
        if (tables.containsKey(table)) {
            touched.touch(table, key, commit);
        }
    }

    /** A transaction whose commit record starts there touched rows without naming them, or changed the columns. */
    public void rewritten(TableId table, Lsn commit) {
        if (tables.containsKey(table)) {
            touched.rewrite(table, commit);
        }
    }

    /**
     * The next chunk that may be written now, between two transactions, without the rows that are newer in the topic.
     *
     * @param reached every transaction whose commit record starts before it has been written
     * @param position the last there is so far
     * @param ends of the topics, by partition: what is before them is durable
     * @throws io.tidemark.model.TidemarkException why the reading failed
     */
    public Optional<Chunk> nextChunk(Lsn reached, long position, Function<TableId, List<Long>> ends) {
        SnapshotRound current = round == null ? begin(reached, position, ends) : round;
        if (current == null) {
            return Optional.empty();
        }
        current.requireSound();
        if (current.isOutdated()) {
            end();
            return Optional.empty();
        }
        Optional<Lsn> snapshot = current.lsn().filter(lsn -> !reached.isBefore(lsn));
        if (snapshot.isEmpty()) {
            return Optional.empty();
        }
        boolean old = betweenRanges && current.ageNanos() > OLDEST_NANOS;
        if (old || !knows(snapshot.get())) {
            end();
            return Optional.empty();
        }
        Optional<Chunk> chunk = current.poll().map(this::stillTrue);
        if (chunk.isEmpty() && current.isDone()) {
            end();
        }
        return chunk;
    }

    private @Nullable SnapshotRound begin(Lsn reached, long position, Function<TableId, List<Long>> ends) {
        List<FillingTable> unread =
                tables.values().stream().filter(table -> !table.read()).toList();
        if (!unread.isEmpty()) {
            touched.collectFrom(reached);
            passed.collectFrom(reached, position);
            // What is durable before a snapshot is taken: of that the snapshot says whether it still holds.
            unread.stream()
                    .filter(FillingTable::compares)
                    .map(FillingTable::table)
                    .forEach(table -> compared.computeIfAbsent(
                            table, each -> new ComparedRows(settings, each, ends.apply(each))));
            SnapshotRound next = new SnapshotRound(settings, unread, compared, meter::estimated, ready);
            next.start();
            round = next;
            betweenRanges = false;
        }
        return round;
    }

    private boolean knows(Lsn snapshot) {
        return passed.lastBefore(snapshot).isPresent()
                && tables.values().stream()
                        .filter(table -> !table.read())
                        .allMatch(table -> touched.knows(table.table(), snapshot));
    }

    private Chunk stillTrue(Chunk chunk) {
        TableId table = chunk.relation().table();
        if (!touched.any(table)) {
            return chunk;
        }
        List<Chunk.Row> rows = chunk.rows().stream()
                .filter(row -> !touched.touchedSince(table, row.key(), chunk.lsn()))
                .toList();
        return new Chunk(chunk.relation(), chunk.lsn(), rows, chunk.held(), chunk.endsRange());
    }

    /** A chunk is in the topic, or will be with the next commit. */
    public void written(Chunk chunk) {
        TableId id = chunk.relation().table();
        FillingTable table = require(id);
        if (table.from() == 0) {
            table = table.beginning(1 + passed.lastBefore(chunk.lsn()).orElseThrow());
        }
        FillingTable next = table.plus(chunk.size());
        KeyRange range = chunk.endsRange();
        betweenRanges = range != null;
        if (range != null) {
            next = range.isLast() ? next.whole() : next.upTo(range.upTo());
        }
        tables.put(id, next);
        ComparedRows inTopic = compared.get(id);
        if (inTopic != null) {
            inTopic.met(chunk.keys());
        }
        meter.written(id, chunk.size());
        if (next.read() && !next.sweeps()) {
            complete(id);
        }
    }

    /**
     * Keys of rows that are in a topic and no more in the source, to be deleted now, between two transactions. Asked when
     * what was written last is committed.
     *
     * @param reached as in {@link #nextChunk}
     * @param ends of the topics, by partition: where what was written so far ends
     */
    public Optional<Leftovers> nextLeftovers(Lsn reached, Function<TableId, List<Long>> ends) {
        TopicSweep current = sweep == null ? beginSweep(reached, ends) : sweep;
        if (current == null) {
            return Optional.empty();
        }
        TableId table = current.table().table();
        return current.found().flatMap(found -> {
            sweep = null;
            if (!touched.knows(table, current.reached())) {
                return Optional.empty();
            }
            return Optional.of(new Leftovers(
                    table,
                    found.keys().stream()
                            .filter(key -> !touched.touchedSince(table, key, current.reached()))
                            .toList(),
                    found.all()));
        });
    }

    private @Nullable TopicSweep beginSweep(Lsn reached, Function<TableId, List<Long>> ends) {
        for (FillingTable table : tables.values()) {
            if (table.read()) {
                if (round == null) {
                    touched.collectFrom(reached);
                }
                TopicSweep next = new TopicSweep(
                        settings, table, compared.get(table.table()), ends.apply(table.table()), reached, ready);
                next.start();
                sweep = next;
                return next;
            }
        }
        return null;
    }

    /** Leftovers are deleted in the topic, or will be with the next commit. */
    public void deleted(Leftovers leftovers) {
        if (leftovers.all()) {
            complete(leftovers.table());
        }
    }

    /** Nothing is left to do for a table. */
    private void complete(TableId table) {
        tables.remove(table);
        touched.forget(table);
        forgetCompared(table);
    }

    private void forgetCompared(TableId table) {
        ComparedRows rows = compared.remove(table);
        if (rows != null) {
            rows.close();
        }
    }

    private void end() {
        SnapshotRound ended = round;
        round = null;
        if (ended != null) {
            ended.close();
            ended.outdated().forEach(this::beginAnew);
        }
    }

    /**
     * A table was written anew or altered since the snapshot: what was compared may be gone without a trace in the stream,
     * as when one partition is truncated.
     */
    private void beginAnew(TableId id) {
        FillingTable table = tables.get(id);
        if (table != null && table.compares() && !table.read()) {
            tables.put(id, table.atStart());
            forgetCompared(id);
        }
    }

    @Override
    public void close() {
        try {
            end();
            endSweep();
        } finally {
            List.copyOf(compared.keySet()).forEach(this::forgetCompared);
        }
    }

    private void endSweep() {
        TopicSweep running = sweep;
        sweep = null;
        if (running != null) {
            running.close();
        }
    }
}
