package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.CaptureStatus;
import io.tidemark.capture.CaptureStatus.Standing;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.internal.SourceSetup.SlotState;
import io.tidemark.capture.internal.engine.WalEngine;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.capture.internal.kafka.TopicSetup;
import io.tidemark.capture.internal.snapshot.Backfill;
import io.tidemark.capture.internal.snapshot.SnapshotMeter;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What happens in one life of a capture: checks, slot and topics if there were none, and sessions on the slot. */
public final class CaptureLife implements AutoCloseable {

    private final CaptureSettings settings;
    private final SnapshotMeter meter;
    private final PublicationGuard publication;
    private final CaptureMeter done = new CaptureMeter();
    private volatile @Nullable CaptureState newest;
    private volatile @Nullable WalEngine engine;
    private volatile boolean reads;
    private volatile boolean closed;
    private final CountDownLatch owned = new CountDownLatch(1);
    private final CountDownLatch covered = new CountDownLatch(1);

    public CaptureLife(CaptureSettings settings, SnapshotProgress progress) {
        this.settings = settings;
        this.meter = new SnapshotMeter(progress);
        this.publication = new PublicationGuard(settings);
    }

    /** Leaves behind a slot and topics that go together. */
    public void prepare() {
        try (Connection connection = SourceErrors.connect(settings.source())) {
            SourceSetup source = new SourceSetup(settings, connection);
            source.ensure();
            if (!goesOn(source)) {
                begin(source);
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** Whether there is a capture to go on with; one that cannot go on is refused. */
    private boolean goesOn(SourceSetup source) throws SQLException {
        // The state first: its slot was there before it, so one that is missing afterwards is gone.
        Optional<CaptureState> state = new StateTopic(settings.kafkaClient(), settings.topics()).read();
        if (state.isPresent()) {
            Continuity continuity = new Continuity(settings, state.get());
            continuity.require(source);
            new TopicSetup(settings).ensure(continuity.captured());
            new TopicSetup(settings).requireReached(state.get().cut());
            source.require(publication);
            newest = state.get();
        }
        return state.isPresent();
    }

    private void begin(SourceSetup source) throws SQLException {
        // Of two that start at once one waits for the other here, and then for the slot.
        source.lock();
        if (goesOn(source)) {
            return;
        }
        new TopicSetup(settings).ensure(Set.of());
        try (ChangeProducer producer = new ChangeProducer(settings)) {
            // What another one left open is aborted or completed now, so that the state read next is final.
            producer.init();
            if (goesOn(source)) {
                return;
            }
            new Continuity.FirstStart(settings).requireEmpty(source.slot());
            if (source.slot().isPresent()) {
                source.dropSlot();
            }
            source.begin(publication);
            newest = firstState(producer);
        }
    }

    /** Makes the slot, then the state that goes with it: every table is to be read, from any place after the slot's. */
    private CaptureState firstState(ChangeProducer producer) throws SQLException {
        NewSlot slot = NewSlot.make(settings);
        TidemarkRef begin = new TidemarkRef(0, slot.lsn());
        CaptureState first = CaptureState.first(
                UUID.randomUUID().toString(),
                slot.source().systemIdentifier(),
                slot.source().timeline(),
                begin,
                settings.tables().stream().map(FillingTable::added).toList());
        return producer.commit(first, new Tidemark(begin.number(), begin.lsn(), true, Map.of(), List.of()), null);
    }

    /**
     * Streams from the slot until closed.
     *
     * @throws TidemarkException UNREACHABLE when trying again may help
     */
    public void stream() {
        SessionTicker ticker = new SessionTicker(this::fail);
        try (Connection connection = SourceErrors.connect(settings.source());
                IdlePulse pulse = new IdlePulse(settings, publication, this::fail);
                Backfill backfill = new Backfill(settings, meter, ticker::soon);
                CaptureSession session = session(connection, pulse, backfill)) {
            goesOn(new SourceSetup(settings, connection));
            WalEngine running = new WalEngine(settings, session);
            engine = running;
            pulse.start();
            ticker.start(session);
            try {
                if (!closed) {
                    running.run();
                }
            } finally {
                ticker.stop();
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        } finally {
            engine = null;
            reads = false;
        }
    }

    private CaptureSession session(Connection connection, IdlePulse pulse, Backfill backfill) throws SQLException {
        RelationTracker relations = new RelationTracker(
                settings.source(),
                SourceCatalog.read(connection, new HashSet<>(settings.tables())::contains),
                TypeCatalog.read(connection));
        ChangeProducer producer = new ChangeProducer(settings);
        return new CaptureSession(settings, producer, relations, backfill, new CaptureSession.Listener() {
            @Override
            public void owns(CaptureState state) {
                Continuity continuity = new Continuity(settings, state);
                continuity.requireReadFrom(
                        Objects.requireNonNull(engine, "no engine").source());
                continuity.requireReached(slot(connection));
                publication.remember(producer);
                reads = true;
                owned.countDown();
            }

            @Override
            public void published(CaptureSession.Committed committed) {
                newest = committed.state();
                done.committed(committed);
                pulse.published();
                tellCovered(committed.state());
            }
        });
    }

    private void tellCovered(CaptureState state) {
        if (!state.published().equals(TidemarkRef.NONE) && state.uncut().isEmpty()) {
            covered.countDown();
        }
    }

    private Optional<SlotState> slot(Connection connection) {
        try {
            return new SourceSetup(settings, connection).slot();
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** Ends the session; called again when its engine was not there yet. */
    private void fail(Throwable why) {
        WalEngine running = engine;
        if (running != null) {
            running.stop(why);
        }
    }

    /** Waits a while for the slot to be this capture's own. */
    public boolean awaitOwned(Duration timeout) throws InterruptedException {
        return owned.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits a while for the first tidemark that names every captured table: until then tables are being read. */
    public boolean awaitCovered(Duration timeout) throws InterruptedException {
        return covered.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * What was done so far; from any thread.
     *
     * @param interruption what ended the newest session, if one ended
     */
    public CaptureStatus status(@Nullable TidemarkException interruption) {
        WalEngine running = engine;
        Standing standing = standing(interruption);
        return new CaptureStatus(
                standing,
                standing == Standing.READS ? "" : waitsFor(interruption),
                done.commits(),
                Duration.ofNanos(done.commitNanos()),
                done.transactions(),
                done.changes(),
                meter.rows(),
                running == null ? 0 : running.queued(),
                done.publishedAt().isEmpty()
                        ? TidemarkRef.NONE
                        : done.newest().map(CaptureState::published).orElse(TidemarkRef.NONE),
                done.publishedAt(),
                done.newest().map(CaptureState::commitTime).filter(time -> !time.equals(Instant.EPOCH)));
    }

    private Standing standing(@Nullable TidemarkException interruption) {
        if (reads) {
            return Standing.READS;
        }
        return interruption != null && interruption.getCause() instanceof SQLException sql && SourceErrors.isHeld(sql)
                ? Standing.STANDS_BY
                : Standing.WAITS;
    }

    private static String waitsFor(@Nullable TidemarkException interruption) {
        return interruption == null
                ? "the first message of the replication slot"
                : String.valueOf(interruption.getMessage());
    }

    public String lineage() {
        CaptureState state = newest;
        if (state == null) {
            throw new IllegalStateException("Capture has not started");
        }
        return state.lineage();
    }

    @Override
    public void close() {
        closed = true;
        WalEngine running = engine;
        if (running != null) {
            running.close();
        }
    }
}
