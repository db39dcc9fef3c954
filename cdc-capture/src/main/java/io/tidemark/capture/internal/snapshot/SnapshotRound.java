package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.internal.RelationTracker;
import io.tidemark.capture.internal.ReplicationSession;
import io.tidemark.capture.internal.SourceErrors;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.capture.internal.wal.ValueType;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads tables under one snapshot of the source, in several threads, and hands the chunks over in the order of the tables
 * and their keys. Ranges are read ahead of the one that is handed over, but few of them: what is held does not grow with the
 * tables.
 */
final class SnapshotRound implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRound.class);
    private static final long CLOSE_SECONDS = 10;
    private static final long LOOK_FOR_SLOT_SECONDS = 5;
    private static final String NO_SLOT_FREE = "53400";

    /** No such column, table or type: the snapshot's catalogue names what is there no more. */
    private static final Set<String> ALTERED = Set.of("42703", "42P01", "42704");

    private final CaptureSettings settings;
    private final List<FillingTable> tables;
    private final Map<TableId, ComparedRows> compared;
    private final LongConsumer estimated;
    private final Runnable ready;
    private final Thread planner;
    private final ExecutorService readers;
    private final Semaphore ahead;
    private final BlockingQueue<Connection> free;
    private final Queue<RangeRead> inOrder = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable TidemarkException> failure = new AtomicReference<>();
    private volatile @Nullable PgConnection exporting;
    private volatile @Nullable ExportedSnapshot snapshot;
    private volatile boolean allPlanned;
    private volatile boolean outdated;
    private final Set<TableId> failed = ConcurrentHashMap.newKeySet();
    private volatile long takenNanos = System.nanoTime();
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * Prepares it.
     *
     * @param tables those to read, each from where it stands
     * @param compared what the topics have of those of which only what differs is to be written
     * @param estimated told how many rows there are to read, as the source's statistics have it
     * @param ready called by a thread of this round whenever there is something to poll
     */
    SnapshotRound(
            CaptureSettings settings,
            List<FillingTable> tables,
            Map<TableId, ComparedRows> compared,
            LongConsumer estimated,
            Runnable ready) {
        this.compared = Map.copyOf(compared);
        this.estimated = estimated;
        this.settings = settings;
        this.tables = tables;
        this.ready = ready;
        int threads = settings.snapshotThreads();
        this.ahead = new Semaphore(threads + 1);
        this.free = new ArrayBlockingQueue<>(threads);
        this.planner = thread(() -> guarded(this::plan));
        // As many as connections: were there more, a later range could hold the connection that the first one waits
        // for.
        this.readers = Executors.newFixedThreadPool(threads, SnapshotRound::thread);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "tidemark-snapshot");
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        planner.start();
    }

    /** Where its snapshot is in the WAL; empty before it is taken. */
    Optional<Lsn> lsn() {
        ExportedSnapshot taken = snapshot;
        return taken == null ? Optional.empty() : Optional.of(taken.lsn());
    }

    /** Since its snapshot was taken. */
    long ageNanos() {
        return System.nanoTime() - takenNanos;
    }

    /** Throws what made it fail, if anything did. */
    void requireSound() {
        TidemarkException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    /** The next chunk in order, if it is read already. */
    Optional<Chunk> poll() {
        RangeRead first = inOrder.peek();
        Optional<Chunk> chunk = first == null ? Optional.empty() : first.poll();
        if (chunk.isPresent() && chunk.get().endsRange() != null) {
            inOrder.remove();
            ahead.release();
        }
        return chunk;
    }

    /** Whether everything was polled. */
    boolean isDone() {
        return allPlanned && inOrder.isEmpty();
    }

    private void plan() throws SQLException, InterruptedException {
        ExportedSnapshot taken;
        try (PgConnection replication = ReplicationSession.open(settings.source())) {
            exporting = replication;
            if (isClosed()) {
                return;
            }
            taken = take(replication);
        }
        takenNanos = System.nanoTime();
        free.addAll(taken.connections());
        snapshot = taken;
        if (isClosed()) {
            taken.abort();
            return;
        }
        Connection connection = free.take();
        List<Planned> planned = planned(connection);
        free.put(connection);
        estimated.accept(planned.stream().mapToLong(Planned::rowsLeft).sum());
        for (Planned each : planned) {
            try {
                plan(each, taken.lsn());
            } catch (SQLException e) {
                failed(each.table().table());
                throw e;
            }
        }
        allPlanned = true;
    }

    /** Waits for a free slot as long as it takes: the stream goes on meanwhile. */
    private ExportedSnapshot take(PgConnection replication) throws SQLException, InterruptedException {
        while (true) {
            try {
                return ExportedSnapshot.take(settings, replication, settings.snapshotThreads());
            } catch (SQLException e) {
                if (!NO_SLOT_FREE.equals(e.getSQLState())) {
                    throw e;
                }
                LOG.warn(
                        "Tables wait to be read: {}. Drop a slot that nobody reads, or raise max_replication_slots",
                        e.getMessage());
                if (closing.await(LOOK_FOR_SLOT_SECONDS, TimeUnit.SECONDS)) {
                    throw new InterruptedException("closed");
                }
            }
        }
    }

    /** A table to read as the snapshot has it. */
    private record Planned(FillingTable table, TableRead read, TableSplit.Size size) {
        long rowsLeft() {
            return Math.max(0, size.rows() - table.rows());
        }
    }

    private List<Planned> planned(Connection connection) throws SQLException {
        Set<TableId> wanted = tables.stream().map(FillingTable::table).collect(Collectors.toSet());
        Map<TableId, Relation> found = SourceCatalog.read(connection, wanted::contains).stream()
                .collect(Collectors.toMap(Relation::table, relation -> relation));
        TypeCatalog types = TypeCatalog.read(connection);
        List<Planned> planned = new ArrayList<>();
        for (FillingTable table : tables) {
            Relation relation = found.get(table.table());
            if (relation == null) {
                throw new TidemarkException(
                        ErrorCode.NOT_CAPTURABLE,
                        "Table " + table.table()
                                + " is not there any more, or has lost its primary key, before its rows were read. Take it out of source.tables and capture under a new kafka.prefix and slot, or make it anew");
            }
            List<ValueType> columns = relation.columns().stream()
                    .map(column -> RelationTracker.valueType(types, relation.table(), column))
                    .toList();
            planned.add(new Planned(
                    table,
                    new TableRead(relation, columns, compared.get(table.table())),
                    new TableSplit(connection, relation).size()));
        }
        return planned;
    }

    private void plan(Planned planned, Lsn lsn) throws SQLException, InterruptedException {
        ComparedRows inTopic = planned.read().compared();
        if (inTopic != null) {
            inTopic.read(planned.read().relation());
        }
        Connection connection = free.take();
        List<KeyRange> ranges = new TableSplit(connection, planned.read().relation())
                .rangesAfter(planned.table().after(), planned.size());
        free.put(connection);
        for (KeyRange range : ranges) {
            ahead.acquire();
            RangeRead read = new RangeRead(settings, planned.read(), range, lsn);
            inOrder.add(read);
            readers.execute(() -> guarded(() -> read(read)));
        }
    }

    private void read(RangeRead read) throws SQLException, InterruptedException {
        Connection connection = free.take();
        try {
            read.run(connection, ready);
        } catch (StillShown.OutdatedException e) {
            failed(read.table());
            giveUp(e);
        } catch (SQLException e) {
            failed(read.table());
            throw e;
        }
        free.put(connection);
    }

    private void giveUp(Exception reason) {
        LOG.info("A snapshot is given up and taken anew: {}", reason.getMessage());
        outdated = true;
        ready.run();
    }

    private void failed(TableId table) {
        // Closing fails what is being read.
        if (!isClosed()) {
            failed.add(table);
        }
    }

    /** The tables that were altered so that it does not show them any more; of a round that is closed. */
    Set<TableId> outdated() {
        return outdated ? Set.copyOf(failed) : Set.of();
    }

    /** Whether tables were altered so that it does not show them any more. */
    boolean isOutdated() {
        return outdated;
    }

    private interface Step {
        void run() throws SQLException, InterruptedException;
    }

    /** What fails here is thrown where the chunks are polled. */
    private void guarded(Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            boolean givesWay = ALTERED.contains(String.valueOf(e.getSQLState())) || SourceErrors.isLocked(e);
            if (givesWay) {
                giveUp(e);
            } else {
                fail(SourceErrors.explain(settings.source(), e));
            }
        } catch (TidemarkException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            fail(new TidemarkException(ErrorCode.FAILED, "The snapshot failed: " + e, e));
        }
    }

    private boolean isClosed() {
        return closing.getCount() == 0;
    }

    private void fail(TidemarkException reason) {
        if (!isClosed()) {
            failure.compareAndSet(null, reason);
            ready.run();
        }
    }

    /** A server process that waits for transactions to end does not notice that nobody listens any more. */
    private static void cancel(PgConnection waiting) {
        try {
            waiting.cancelQuery();
        } catch (SQLException e) {
            LOG.debug("Cancelling the creation of a slot", e);
        }
        ExportedSnapshot.abort(List.of(waiting));
    }

    @Override
    public void close() {
        closing.countDown();
        planner.interrupt();
        readers.shutdownNow();
        PgConnection waiting = exporting;
        if (waiting != null) {
            cancel(waiting);
        }
        ExportedSnapshot taken = snapshot;
        if (taken != null) {
            taken.abort();
        }
        try {
            planner.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            if (planner.isAlive() || !readers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE, "The snapshot's threads did not end within " + CLOSE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
