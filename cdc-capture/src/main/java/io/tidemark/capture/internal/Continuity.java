package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.Loss;
import io.tidemark.capture.Loss.Kind;
import io.tidemark.capture.internal.SourceSetup.SlotState;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.CommittedRecords;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Whether a capture can go on from its newest state without losing anything. Asked before every session. */
final class Continuity {

    private final CaptureSettings settings;
    private final CaptureState state;

    Continuity(CaptureSettings settings, CaptureState state) {
        this.settings = settings;
        this.state = state;
    }

    /** Refuses to go on where something was lost, and says what to do. Asks what holds beside a capture that works, too. */
    void require(SourceSetup source) throws SQLException {
        Optional<Loss> other = otherSourceOrState();
        if (other.filter(loss -> loss.kind() == Kind.FORMER_STATE).isPresent()
                && source.slot().filter(SlotState::ours).isPresent()) {
            // Nothing would tell once its WAL is as long again. What the slot would send is taken for captured.
            source.dropSlot();
        }
        requireSource(other);
        requireNoTableLeft();
        requireSource(brokenSlot(source.slot()));
    }

    /**
     * Refuses to go on from a slot that is past the newest tidemark. Only its owner can tell, with every other producer
     * fenced: until then the slot may be confirmed for a commit whose records cannot be read yet.
     */
    void requireReached(Optional<SlotState> slot) {
        requireSource(movedSlot(slot));
    }

    /**
     * Refuses what comes from another server than the topics go on from. Asked of the connection that is being read, with
     * every other producer fenced: of a state that was another one when this session began, since somebody has recovered
     * the topics from a promoted standby, while this session reads the former primary. A new connection may lead to the one
     * or the other.
     */
    void requireReadFrom(SystemIdentity server) {
        if (!server.systemIdentifier().equals(state.systemIdentifier()) || server.timeline() != state.timeline()) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The replication slot '" + settings.slot() + "' is read from system " + server.systemIdentifier()
                            + ", timeline " + server.timeline() + ", but the topics go on from "
                            + state.systemIdentifier()
                            + ", timeline " + state.timeline()
                            + ": they were recovered from there meanwhile. Nothing was written. Set source.url to that server, or leave the topics to the capture that reads it");
        }
    }

    /**
     * What was lost, if anything was. To be asked with every other producer fenced.
     *
     * @param slot as it is now
     */
    Optional<Loss> loss(Optional<SlotState> slot) throws SQLException {
        return otherSourceOrState().or(() -> brokenSlot(slot)).or(() -> movedSlot(slot));
    }

    private void requireSource(Optional<Loss> loss) {
        if (loss.isPresent()) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS, loss.get().what() + remedy(loss.get().canBeMended()));
        }
    }

    private Optional<Loss> movedSlot(Optional<SlotState> slot) {
        return slot.flatMap(SlotState::confirmed)
                .filter(confirmed -> state.lsn().isBefore(confirmed))
                .map(confirmed -> new Loss(
                        Kind.SLOT_MOVED,
                        "The replication slot '" + settings.slot() + "' was moved to " + confirmed
                                + ", past the newest tidemark."));
    }

    /** Whether the source is another one, on another timeline, or as it was before. */
    Optional<Loss> otherSourceOrState() throws SQLException {
        try (Connection replication = ReplicationSession.open(settings.source())) {
            Optional<Loss> other = otherSource(replication);
            return other.isPresent() ? other : formerState(replication);
        }
    }

    /**
     * A source whose WAL ends before what was captured was put back to how it was before, slot and all. What is written
     * next would be taken for captured. Noticed only before its WAL is as long again.
     */
    private Optional<Loss> formerState(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()")) {
            row.next();
            Lsn end = Lsn.parse(row.getString(1));
            return end.isBefore(state.lsn())
                    ? Optional.of(new Loss(
                            Kind.FORMER_STATE,
                            "The source's WAL ends at " + end + ", but was captured up to " + state.lsn()
                                    + ": it was put back to a former state, as by a snapshot of its disk."))
                    : Optional.empty();
        }
    }

    private Optional<Loss> otherSource(Connection replication) throws SQLException {
        SystemIdentity now = SystemIdentity.read(replication);
        boolean sameCluster = now.systemIdentifier().equals(state.systemIdentifier());
        if (sameCluster && now.timeline() == state.timeline()) {
            return Optional.empty();
        }
        return Optional.of(new Loss(
                sameCluster ? Kind.OTHER_TIMELINE : Kind.OTHER_CLUSTER,
                "The source is not the one its topics were captured from: system " + now.systemIdentifier()
                        + ", timeline " + now.timeline() + " instead of " + state.systemIdentifier() + ", timeline "
                        + state.timeline() + " ("
                        + (sameCluster ? "a standby that was promoted, or a backup" : "another cluster")
                        + "). Positions cannot go on from it." + (sameCluster ? parted(now, replication) : "")));
    }

    private String parted(SystemIdentity now, Connection replication) throws SQLException {
        return now.left(state.timeline(), replication)
                .map(lsn ->
                        " Timeline " + state.timeline() + " was left at " + lsn + "; captured is up to " + state.lsn()
                                + (lsn.isBefore(state.lsn()) ? ", some of which this source may never have got." : "."))
                .orElse("");
    }

    /** The rows of a table that joins are read; of one that left and comes back, what happened meanwhile is not known. */
    void requireNoTableLeft() {
        Set<String> left = new TreeSet<>(captured());
        settings.tables().forEach(table -> left.remove(settings.topics().changes(table)));
        if (!left.isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Tables that the topics with prefix '" + settings.topics().prefix()
                            + "' hold are no longer captured: " + left
                            + ". This version cannot let go of a table; undo the change, or use a new kafka.prefix");
        }
    }

    /** The change topics that this capture has begun to write. */
    Set<String> captured() {
        Set<String> topics = new TreeSet<>(state.cut().offsets().keySet());
        topics.remove(settings.topics().messages());
        topics.remove(settings.topics().relations());
        state.filling().forEach(table -> topics.add(settings.topics().changes(table.table())));
        return topics;
    }

    private String remedy(boolean mended) {
        return " Changes after tidemark " + state.cut().tidemark() + " may be lost. "
                + (mended
                        ? "'tidemark recover --dry-run' says what differs, 'tidemark recover' mends it and goes on. "
                        : "")
                + "To start over, drop the topics with prefix '"
                + settings.topics().prefix() + "' (and the slot), or use a new kafka.prefix and slot";
    }

    private Optional<Loss> brokenSlot(Optional<SlotState> slot) {
        if (slot.isEmpty()) {
            return Optional.of(new Loss(
                    Kind.SLOT_GONE, "The replication slot '" + settings.slot() + "' is gone, but its topics are not."));
        }
        if (slot.get().walStatus().equals("lost")) {
            return Optional.of(new Loss(
                    Kind.WAL_REMOVED,
                    "The server removed WAL that the replication slot '" + settings.slot() + "' still needed."));
        }
        return Optional.empty();
    }

    /** What must hold where no capture has left a state. */
    record FirstStart(CaptureSettings settings) {

        /** Refuses to begin over somebody's slot or over topics that hold changes. */
        void requireEmpty(Optional<SlotState> slot) {
            if (slot.isPresent() && !slot.get().ours()) {
                throw new TidemarkException(
                        ErrorCode.SOURCE_UNFIT,
                        "The replication slot '" + settings.slot()
                                + "' belongs to something else (another plugin, another database, or it is in use). Set source.slot to another name");
            }
            List<String> topics =
                    settings.tables().stream().map(settings.topics()::changes).toList();
            if (new CommittedRecords(settings.kafkaClient()).any(topics)) {
                throw new TidemarkException(
                        ErrorCode.DATA_LOSS,
                        "Change topics with prefix '" + settings.topics().prefix() + "' hold changes, but topic "
                                + settings.topics().state()
                                + " holds no state: it was lost. Drop the topics with this prefix (and the slot), or use a new kafka.prefix and slot");
            }
        }
    }
}
