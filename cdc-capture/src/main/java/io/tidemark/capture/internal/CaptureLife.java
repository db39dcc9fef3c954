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
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happens in one life of a capture: checks, the snapshot if there was none, and sessions on the slot. */
public final class CaptureLife implements AutoCloseable {

    private final CaptureSettings settings;
    private final SnapshotProgress progress;
    private volatile @Nullable CaptureState newest;
    private volatile @Nullable WalEngine engine;
    private volatile boolean closed;

    public CaptureLife(CaptureSettings settings, SnapshotProgress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /** Leaves behind a slot and topics that go together. */
    public void prepare() {
        try (Connection connection = SourceErrors.connect(settings.source())) {
            SourceSetup source = new SourceSetup(settings, connection);
            source.ensure();
            new TopicSetup(settings).ensure();
            Optional<CaptureState> state = new StateTopic(settings.kafkaClient(), settings.topics()).read();
            Optional<SlotState> slot = source.slot();
            if (state.isPresent()) {
                newest = state.get();
                requireSameSource(state.get());
                requireSameTables(state.get());
                requireWhole(slot, state.get());
            } else {
                snapshot(source, slot);
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    private void snapshot(SourceSetup source, Optional<SlotState> slot) throws SQLException {
        if (!source.tryLock()) {
            throw new TidemarkException(
                    ErrorCode.FENCED,
                    "Another capture is taking the first snapshot for slot '" + settings.slot()
                            + "'. Wait for it, then start this one as its stand-by");
        }
        if (slot.isPresent()) {
            // No tidemark was ever published from it: a first snapshot was cut short. It holds nothing of ours.
            source.dropSlot();
        }
        try (ChangeProducer producer = new ChangeProducer(settings)) {
            newest = new Snapshot(settings, producer, progress).take();
        }
    }

    private void requireSameSource(CaptureState state) throws SQLException {
        SystemIdentity now;
        try (Connection replication = ReplicationSession.open(settings.source())) {
            now = SystemIdentity.read(replication);
        }
        if (!now.systemIdentifier().equals(state.systemIdentifier()) || now.timeline() != state.timeline()) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The source is not the one its topics were captured from: system " + now.systemIdentifier()
                            + ", timeline " + now.timeline() + " instead of " + state.systemIdentifier()
                            + ", timeline " + state.timeline()
                            + " (another cluster, or a standby that was promoted). Positions cannot go on from it."
                            + remedy(state));
        }
    }

    /** A table that joins later would lack the rows it has now. */
    private void requireSameTables(CaptureState state) {
        List<TableId> added = settings.tables().stream()
                .filter(table ->
                        !state.cut().offsets().containsKey(settings.topics().changes(table)))
                .toList();
        if (!added.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Not captured when topics with prefix '" + settings.topics().prefix() + "' began: " + added
                            + ". This version cannot add a table to a capture; leave it out of source.tables, or use a new kafka.prefix");
        }
    }

    private String remedy(CaptureState state) {
        return " Changes after tidemark " + state.cut().tidemark()
                + " may be lost. To start over, drop the topics with prefix '"
                + settings.topics().prefix() + "' (and the slot), or use a new kafka.prefix and slot";
    }

    private void requireWhole(Optional<SlotState> slot, CaptureState state) {
        String remedy = remedy(state);
        SlotState found = slot.orElseThrow(() -> new TidemarkException(
                ErrorCode.DATA_LOSS,
                "The replication slot '" + settings.slot() + "' is gone, but its topics are not." + remedy));
        if (found.walStatus().equals("lost")) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The server removed WAL that the replication slot '" + settings.slot() + "' still needed."
                            + remedy);
        }
        if (found.confirmed().isPresent()
                && state.lsn().isBefore(found.confirmed().get())) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The replication slot '" + settings.slot() + "' was moved to "
                            + found.confirmed().get() + ", past the newest tidemark." + remedy);
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
        return new CaptureSession(settings, new ChangeProducer(settings), relations, state -> {
            newest = state;
            pulse.published();
        });
    }

    public Optional<TidemarkRef> newestTidemark() {
        CaptureState state = newest;
        return state == null ? Optional.empty() : Optional.of(state.cut().tidemark());
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
