package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.capture.internal.snapshot.Backfill;
import io.tidemark.capture.internal.snapshot.Chunk;
import io.tidemark.model.Gap;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what snapshots have read of tables, and says of which tables they are to read. Used by the session. */
final class Filling {

    private static final Logger LOG = LoggerFactory.getLogger(Filling.class);

    /** Makes durable what was written, and says what is durable then. */
    interface Commit {
        CaptureState commit();
    }

    private final CaptureSettings settings;
    private final ChangeProducer producer;
    private final ChangeEncoder encoder;
    private final Backfill backfill;
    private final OpenTidemark open;
    private final Commit commit;
    private long written;
    private long deleted;

    Filling(
            CaptureSettings settings,
            ChangeProducer producer,
            ChangeEncoder encoder,
            Backfill backfill,
            OpenTidemark open,
            Commit commit) {
        this.settings = settings;
        this.producer = producer;
        this.encoder = encoder;
        this.backfill = backfill;
        this.open = open;
        this.commit = commit;
    }

    /** Goes on with the tables that were being filled, and with those that were added to the configuration since. */
    void goOnAfter(CaptureState newest) {
        newest.filling().stream().map(FillingTable::atStart).forEach(backfill::add);
        settings.tables().stream()
                .filter(table ->
                        !newest.cut().offsets().containsKey(settings.topics().changes(table)))
                .filter(table -> backfill.standing(table).isEmpty())
                .forEach(table -> backfill.add(FillingTable.added(table)));
    }

    /** Somebody wants a table's rows read again; nonsense is passed over, and a table that is not whole yet. */
    void readAgain(Optional<TableId> wanted) {
        wanted.filter(settings.tables()::contains)
                .filter(table ->
                        backfill.standing(table).map(Standing.AGAIN::equals).orElse(true))
                .ifPresent(table -> backfill.add(FillingTable.again(table, Standing.AGAIN)));
    }

    /**
     * A table was altered. What a snapshot has read of it before is of no use; and where rows changed without a trace in the
     * WAL, its topic is wrong until all of them are read.
     *
     * @param at start of the commit record of the transaction that shows it first
     */
    void altered(RelationChange change, Lsn at) {
        TableId table = change.now().table();
        backfill.rewritten(table, at);
        if (change.rowsChanged()) {
            rowsChanged(table);
        }
    }

    private void rowsChanged(TableId table) {
        LOG.info("Table {} was altered: its rows are read again, and no tidemark is published before they are", table);
        boolean uncut = backfill.standing(table).map(Standing.NEW::equals).orElse(false);
        backfill.add(FillingTable.again(table, uncut ? Standing.NEW : Standing.WRONG));
    }

    /**
     * Writes what there is, each chunk with a position of its own; between two transactions.
     *
     * @param durable what is so far
     */
    void fill(CaptureState durable) {
        if (backfill.isIdle()) {
            return;
        }
        boolean wrote = false;
        Optional<Chunk> chunk = nextChunk(durable);
        while (chunk.isPresent()) {
            wrote |= write(chunk.get());
            chunk = producer.isFull() ? Optional.empty() : nextChunk(durable);
        }
        // A sweep takes for durable all that was written before it.
        CaptureState newest = wrote || open.isNews(durable) ? commit.commit() : durable;
        backfill.nextLeftovers(open.reached(), table -> ends(newest, table)).ifPresent(this::delete);
    }

    private Optional<Chunk> nextChunk(CaptureState durable) {
        return backfill.nextChunk(open.reached(), open.number(), table -> ends(durable, table));
    }

    private List<Long> ends(CaptureState durable, TableId table) {
        return durable.cut().offsets().getOrDefault(settings.topics().changes(table), List.of());
    }

    /**
     * Says whether it was written. Not when its table was altered so that rows read otherwise: what the stream has touched
     * since the snapshot is in the topic from before the description, and all rows are promised from after it.
     */
    private boolean write(Chunk chunk) {
        boolean rowsChanged = encoder.adopt(chunk.relation(), open.number() + 1);
        // The next tidemark covers the description, whether rows come with it or not.
        producer.endOfTransaction();
        if (rowsChanged) {
            rowsChanged(chunk.relation().table());
            return false;
        }
        if (!chunk.rows().isEmpty()) {
            encoder.write(chunk, open.nextPosition());
            end(chunk.rows().size());
            written += chunk.rows().size();
        }
        backfill.written(chunk);
        return true;
    }

    private void delete(Backfill.Leftovers leftovers) {
        if (!leftovers.keys().isEmpty()) {
            long commitTimeMs = open.commitTime().toEpochMilli();
            encoder.delete(leftovers.table(), leftovers.keys(), open.nextPosition(), open.reached(), commitTimeMs);
            end(leftovers.keys().size());
            deleted += leftovers.keys().size();
        }
        backfill.deleted(leftovers);
        commit.commit();
    }

    /** Adds to a gap what was corrected since the last call. */
    Gap addTo(Gap gap) {
        Gap sum = gap.plus(written, deleted);
        written = 0;
        deleted = 0;
        return sum;
    }

    /** What was sent has a position but no transaction of the source. */
    private void end(int changes) {
        open.add(0, changes);
        producer.endOfTransaction();
    }
}
