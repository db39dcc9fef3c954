package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.internal.SourceSetup.SlotState;
import io.tidemark.capture.internal.engine.WalEngine;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.capture.internal.kafka.TopicSetup;
import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What happens in one life of a capture: checks, the snapshot if there was none, and sessions on the slot. */
public final class CaptureLife implements AutoCloseable {

    private final CaptureSettings settings;
    private final SnapshotProgress progress;
    private volatile @Nullable CaptureState newest;
    private volatile @Nullable WalEngine engine;
    private volatile boolean closed;
    private final CountDownLatch owned = new CountDownLatch(1);

    public CaptureLife(CaptureSettings settings, SnapshotProgress progress) {
        this.settings = settings;
        this.progress = progress;
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
            new Continuity(settings, state.get()).require(source.slot());
            new TopicSetup(settings).ensure(true);
            newest = state.get();
        }
        return state.isPresent();
    }

    private void begin(SourceSetup source) throws SQLException {
        if (!source.tryLock()) {
            throw new TidemarkException(
                    ErrorCode.FENCED,
                    "Another capture is taking the first snapshot for slot '" + settings.slot()
                            + "'. Wait for it, then start this one again");
        }
        new TopicSetup(settings).ensure(false);
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
            newest = new Snapshot(settings, producer, progress).take();
        }
    }

    /**
     * Streams from the slot until closed.
     *
     * @throws TidemarkException UNREACHABLE when trying again may help
     */
    public void stream() {
        try (Connection connection = SourceErrors.connect(settings.source());
                IdlePulse pulse = new IdlePulse(settings);
                CaptureSession session = session(connection, pulse)) {
            goesOn(new SourceSetup(settings, connection));
            WalEngine running = new WalEngine(settings, session);
            engine = running;
            pulse.start();
            if (!closed) {
                running.run();
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        } finally {
            engine = null;
        }
    }

    private CaptureSession session(Connection connection, IdlePulse pulse) throws SQLException {
        RelationTracker relations = new RelationTracker(
                settings.source(),
                SourceCatalog.read(connection, new HashSet<>(settings.tables())::contains),
                TypeCatalog.read(connection));
        return new CaptureSession(settings, new ChangeProducer(settings), relations, new CaptureSession.Listener() {
            @Override
            public void owns(CaptureState state) {
                new Continuity(settings, state).requireReached(slot(connection));
                owned.countDown();
            }

            @Override
            public void published(CaptureState state) {
                newest = state;
                pulse.published();
            }
        });
    }

    private Optional<SlotState> slot(Connection connection) {
        try {
            return new SourceSetup(settings, connection).slot();
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** Waits a while for the slot to be this capture's own. */
    public boolean awaitOwned(Duration timeout) throws InterruptedException {
        return owned.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
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
