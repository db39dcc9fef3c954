package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Loss;
import io.tidemark.capture.SlotStatus;
import io.tidemark.capture.SourceCatalog;
import io.tidemark.capture.TableDifference;
import io.tidemark.capture.internal.SourceSetup.SlotState;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.capture.internal.kafka.RelationsTopic;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.capture.internal.kafka.TopicSetup;
import io.tidemark.capture.internal.snapshot.TopicDifferences;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
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
import java.util.Optional;
import java.util.Set;

/**
 * Puts a capture that lost something at another place of the WAL: a new slot, and a state that says that every table is to be
 * compared with its topic. Whichever capture runs next does that, while it streams from the new slot; until it has, there
 * is no tidemark. Killed before the state is written nothing has changed but the slot, and the loss is found again.
 */
public final class Recovery {

    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    private final CaptureSettings settings;

    public Recovery(CaptureSettings settings) {
        this.settings = settings;
    }

    /** What was lost, as far as it can be seen from beside a capture that may be running; empty when nothing was. */
    public Optional<Loss> loss() {
        try (Connection connection = SourceErrors.connect(settings.source(), LOCK_TIMEOUT)) {
            CaptureState state = state();
            Optional<SlotState> slot = new SourceSetup(settings, connection).slot();
            Optional<Loss> loss = new Continuity(settings, state).loss(slot);
            if (loss.filter(found -> found.kind() == Loss.Kind.SLOT_MOVED).isPresent()) {
                // A slot that is read may be confirmed for a commit that cannot be seen yet; one that is read no more
                // moved, perhaps, after the state was read.
                loss = slotStatus().active() ? Optional.empty() : new Continuity(settings, state()).loss(slot);
            }
            return loss.isPresent() ? loss : publicationLossUnlessLocked(connection);
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** The server locks tables to say which are published. One that is being altered is no loss. */
    private Optional<Loss> publicationLossUnlessLocked(Connection connection) throws SQLException {
        try {
            return publicationLoss(connection);
        } catch (SQLException e) {
            if (!SourceErrors.isLocked(e)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Whether the source is another one than the topics were captured from, or as it was before that. */
    public Optional<Loss> otherSource() {
        try {
            return new Continuity(settings, state()).otherSourceOrState();
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    /** What of the topics differs from the source now. Of a capture that is not running. */
    public List<TableDifference> differences() {
        requireNobodyReads();
        CaptureState state = state();
        Continuity continuity = new Continuity(settings, state);
        continuity.requireNoTableLeft();
        new TopicSetup(settings).requireThere(continuity.captured());
        requireReached(state);
        return new TopicDifferences(settings, state.durableOffsets()).all();
    }

    /**
     * Begins.
     *
     * @param otherTimeline whether the source may be one that never got all that was captured: what it has not is deleted
     * @param anyway whether to compare although nothing is seen to be lost
     * @return what was lost; empty when nothing was, and nothing was done
     */
    public Optional<Loss> begin(boolean otherTimeline, boolean anyway) {
        try (Connection connection = SourceErrors.connect(settings.source())) {
            // Before a capture that reads another server is fenced.
            otherSource().ifPresent(loss -> requireMendable(loss, otherTimeline));
            SourceSetup source = new SourceSetup(settings, connection);
            source.ensure();
            source.lock();
            requireNobodyReads();
            try (ChangeProducer producer = new ChangeProducer(settings)) {
                producer.init();
                CaptureState state = requireTopics();
                Optional<Loss> loss = loss(connection, state).or(() -> saidSo(anyway));
                if (loss.isPresent()) {
                    requireMendable(loss.get(), otherTimeline);
                    requireSameTables(connection);
                    restart(source, connection, producer, state, otherTimeline);
                }
                return loss;
            }
        } catch (SQLException e) {
            throw SourceErrors.explain(settings.source(), e);
        }
    }

    private static Optional<Loss> saidSo(boolean anyway) {
        return anyway
                ? Optional.of(new Loss(Loss.Kind.SAID_SO, "Nothing is seen to be lost; all is compared anyway."))
                : Optional.empty();
    }

    private SlotStatus slotStatus() {
        return SlotStatus.read(settings);
    }

    private void requireNobodyReads() {
        if (slotStatus().active()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "A capture reads slot '" + settings.slot()
                            + "': nothing is lost while it does. Stop it first if it is to be recovered all the same");
        }
    }

    private CaptureState state() {
        return new StateTopic(settings.kafkaClient(), settings.topics())
                .read()
                .orElseThrow(
                        () -> new TidemarkException(
                                ErrorCode.CONFIGURATION,
                                "Topic " + settings.topics().state()
                                        + " holds no state: nothing was captured under this prefix, or it was lost. There is nothing to recover"));
    }

    /** Topics that were made anew, or are missing, are not mended: what they held beside rows is lost. */
    private CaptureState requireTopics() {
        CaptureState state = state();
        Continuity continuity = new Continuity(settings, state);
        continuity.requireNoTableLeft();
        new TopicSetup(settings).ensure(continuity.captured());
        requireReached(state);
        return state;
    }

    private void requireReached(CaptureState state) {
        new TopicSetup(settings).requireReached(new Cut(state.cut().tidemark(), state.durableOffsets()));
    }

    private Optional<Loss> loss(Connection connection, CaptureState state) throws SQLException {
        Optional<SlotState> slot = new SourceSetup(settings, connection).slot();
        Optional<Loss> loss = new Continuity(settings, state).loss(slot);
        return loss.isPresent() ? loss : publicationLoss(connection);
    }

    private Optional<Loss> publicationLoss(Connection connection) throws SQLException {
        try {
            new PublicationGuard(settings).requireUnchanged(connection);
            return Optional.empty();
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.DATA_LOSS) {
                throw e;
            }
            return Optional.of(new Loss(Loss.Kind.PUBLICATION_CHANGED, String.valueOf(e.getMessage())));
        }
    }

    private static void requireMendable(Loss loss, boolean otherTimeline) {
        if (!loss.canBeMended()) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS, loss.what() + " Capture it under a new kafka.prefix and slot");
        }
        if (loss.mayLackWhatWasCaptured() && !otherTimeline) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    loss.what() + " Is this the database to go on with? Then say --other-timeline: what it never got is"
                            + " taken out of the topics, and of the read models");
        }
    }

    /** Rows of a table made anew, or with another key, cannot be held against those of its topic. */
    private void requireSameTables(Connection connection) throws SQLException {
        PublishedRelations published = new PublishedRelations(new RelationsTopic(settings).newest());
        for (Relation relation : SourceCatalog.read(connection, new HashSet<>(settings.tables())::contains)) {
            published.requireSameTable(relation.oid(), relation.table());
            var unused = published.replace(settings.columns().applyTo(relation));
        }
    }

    private void restart(
            SourceSetup source,
            Connection connection,
            ChangeProducer producer,
            CaptureState state,
            boolean otherTimeline)
            throws SQLException {
        PublicationGuard publication = new PublicationGuard(settings);
        source.begin(publication);
        WalAdvance wal = new WalAdvance(connection);
        wal.requireFeasible(state.lsn());
        replaceable(source.slot());
        // Before any WAL is written: of a source in a former state only its short WAL tells that its slot is worthless.
        if (source.slot().isPresent()) {
            source.dropSlot();
        }
        wal.to(state.lsn());
        NewSlot slot = NewSlot.make(settings, server -> goesOnFrom(server, state, otherTimeline));
        if (slot.lsn().isBefore(state.lsn())) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The source database " + settings.source().address()
                            + " is another server than a moment ago: its new slot begins at " + slot.lsn()
                            + ", before what was captured. Nothing was written. Try again");
        }
        Instant now = source.now();
        publication.remember(producer);
        producer.endOfTransaction();
        CaptureState next = state.recovering(slot.source().timeline(), slot.lsn(), now, compared(state));
        TidemarkRef ref = next.cut().tidemark();
        var unused = producer.commit(next, new Tidemark(ref.number(), ref.lsn(), true, Map.of(), List.of()), null);
    }

    private void replaceable(Optional<SlotState> slot) {
        if (slot.isPresent() && !slot.get().ours()) {
            throw new TidemarkException(
                    ErrorCode.SOURCE_UNFIT,
                    "The replication slot '" + settings.slot()
                            + "' belongs to something else (another plugin, another database, or it is in use). Set source.slot to another name");
        }
    }

    /** Whether a server is the one that was judged: a name may lead to another one than a moment ago. */
    private static boolean goesOnFrom(SystemIdentity server, CaptureState state, boolean otherTimeline) {
        return server.systemIdentifier().equals(state.systemIdentifier())
                && (otherTimeline || server.timeline() == state.timeline());
    }

    /** Every table that was captured; one that is not yet is read from its beginning in any case. */
    private List<FillingTable> compared(CaptureState state) {
        Set<String> captured = new Continuity(settings, state).captured();
        Set<TableId> uncut = state.uncut();
        return settings.tables().stream()
                .filter(table -> captured.contains(settings.topics().changes(table)))
                .map(table -> FillingTable.compared(table, uncut.contains(table) ? Standing.NEW : Standing.WRONG))
                .toList();
    }
}
