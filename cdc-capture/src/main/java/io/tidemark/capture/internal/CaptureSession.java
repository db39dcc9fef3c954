package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.engine.WalEntry;
import io.tidemark.capture.internal.engine.WalHandler;
import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.HalfTransaction;
import io.tidemark.capture.internal.kafka.RelationsTopic;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.capture.internal.snapshot.Backfill;
import io.tidemark.capture.internal.wal.PgOutput;
import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One life of capture on the slot: numbers the transactions and commits their changes with the tidemark covering them.
 *
 * <p>Order of start: the first message shows that this session owns the slot; then other producers are fenced; only then
 * is the newest state read. Transactions that are covered already, sent again by the server because the slot was
 * confirmed after the Kafka commit, are dropped whole. Of one that was too large for one Kafka transaction, what is
 * durable already is dropped: the server sends a transaction's changes in the same order every time.
 */
public final class CaptureSession implements WalHandler, AutoCloseable {

    /** Small transactions share a Kafka transaction for at most this long. */
    private static final long SHARE_FOR_NANOS = 20_000_000L;

    /** So far behind the source, in time, fewer and larger Kafka transactions make up more than they delay. */
    private static final Duration BEHIND = Duration.ofSeconds(1);

    private static final long SHARE_WHEN_BEHIND_NANOS = 100_000_000L;

    /** Told, in the session's thread, how far it is. */
    interface Listener {

        /**
         * The slot is this session's own, and every other producer is fenced.
         *
         * @param newest what is durable, all of it
         * @throws TidemarkException to end the session before it publishes anything
         */
        void owns(CaptureState newest);

        /** Something was committed; with a tidemark, unless they are held back. */
        void published(Committed committed);
    }

    /**
     * A Kafka transaction.
     *
     * @param state what is durable now
     * @param tidemark whether a tidemark was published with it
     * @param transactions of the source that are whole with it
     * @param changes of those transactions
     * @param nanos that Kafka took
     */
    record Committed(CaptureState state, boolean tidemark, int transactions, long changes, long nanos) {}

    private final CaptureSettings settings;
    private final ChangeProducer producer;
    private final ChangeEncoder encoder;
    private final Backfill backfill;
    private final Listener listener;
    private final OpenTidemark open = new OpenTidemark();
    private final Filling filling;
    private @Nullable CaptureState state;
    private @Nullable HalfTransaction half;
    private WalMessage.@Nullable Begin current;
    private boolean skipping;
    private int changesOfCurrent;
    private Lsn messageLsn = Lsn.ZERO;
    private boolean waiting;
    private boolean hasWhole;
    private int wholeTransactions;
    private long wholeChanges;
    private long waitingSinceNanos;
    private long expectedSequence;
    private @Nullable Throwable broken;

    CaptureSession(
            CaptureSettings settings,
            ChangeProducer producer,
            RelationTracker relations,
            Backfill backfill,
            Listener listener) {
        this.settings = settings;
        this.producer = producer;
        this.encoder = new ChangeEncoder(
                settings, producer, relations, new RelationsTopic(settings)::newest, backfill, this::altered);
        this.backfill = backfill;
        this.filling = new Filling(settings, producer, encoder, backfill, open, this::commit);
        this.listener = listener;
    }

    @Override
    public synchronized OptionalInt handle(List<WalEntry> batch, BooleanSupplier more) {
        requireSound();
        try {
            return apply(batch, more);
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        }
    }

    private OptionalInt apply(List<WalEntry> batch, BooleanSupplier more) {
        if (state == null) {
            start();
        }
        int lastBoundary = lastBoundary(batch);
        OptionalInt durable = OptionalInt.empty();
        for (int i = 0; i < batch.size(); i++) {
            boolean boundary = apply(batch.get(i));
            if (boundary && hasNews() && (isShared() || (i == lastBoundary && !more.getAsBoolean()))) {
                commit();
                durable = OptionalInt.of(i);
            } else if (!boundary && (wholeIsDue() || (changesOfCurrent > 0 && producer.isFull()))) {
                commitPart();
            }
            if (i == lastBoundary) {
                fill();
            }
        }
        return durable;
    }

    /**
     * Does what does not wait for the next message: between transactions, chunks of snapshots; within one, a part of it that
     * Kafka would not keep open for as long as the server may be silent.
     *
     * @throws TidemarkException what broke this session; it must be closed
     */
    synchronized void tick() {
        try {
            requireSound();
            if (state != null && current == null) {
                fill();
            } else if (state != null && (wholeIsDue() || (changesOfCurrent > 0 && producer.isOld()))) {
                commitPart();
            }
        } catch (RuntimeException | Error e) {
            broken = e;
            throw e;
        }
    }

    /** Whether what waits for the next commit has waited for more to share it with long enough. */
    private boolean isShared() {
        long waited = System.nanoTime() - waitingSinceNanos;
        return !waiting || waited > SHARE_WHEN_BEHIND_NANOS || (waited > SHARE_FOR_NANOS && !isBehind());
    }

    private boolean isBehind() {
        return open.commitTime().isBefore(Instant.now().minus(BEHIND));
    }

    /** Whether transactions that are complete wait for one that is not. */
    private boolean wholeIsDue() {
        return hasWhole && current != null && isShared();
    }

    private void changeWaits() {
        if (!waiting) {
            waiting = true;
            waitingSinceNanos = System.nanoTime();
        }
    }

    /** After a failure nothing more is committed: what was sent may be half of something. */
    private void requireSound() {
        Throwable reason = broken;
        if (reason instanceof RuntimeException known) {
            throw known;
        }
        if (reason != null) {
            throw new TidemarkException(ErrorCode.FAILED, "Capture died: " + reason, reason);
        }
    }

    private void start() {
        producer.init();
        CaptureState newest = new StateTopic(settings.kafkaClient(), settings.topics())
                .read()
                .orElseThrow(
                        () -> new TidemarkException(
                                ErrorCode.DATA_LOSS,
                                "The replication slot '" + settings.slot() + "' is being read but topic "
                                        + settings.topics().state()
                                        + " holds no state: the topics were recreated. Drop the slot and the change topics, or use a new kafka.prefix and slot, and start again"));
        listener.owns(newest);
        encoder.start();
        state = newest;
        open.goOnAfter(newest);
        messageLsn = newest.messageLsn();
        half = newest.half();
        filling.goOnAfter(newest);
    }

    /** Index of the last entry of a batch that ends a transaction or stands outside one, -1 if none does. */
    private static int lastBoundary(List<WalEntry> batch) {
        for (int i = batch.size() - 1; i >= 0; i--) {
            if (PgOutput.isBoundary(batch.get(i).message())) {
                return i;
            }
        }
        return -1;
    }

    /** Applies one message; says whether everything up to it is whole transactions. */
    private boolean apply(WalEntry entry) {
        if (entry.sequence() != expectedSequence++) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Message " + (expectedSequence - 1) + " of the replication stream was lost on its way (next is "
                            + entry.sequence() + "). Start capture again: it goes on from the slot, nothing is lost");
        }
        WalMessage message = PgOutput.decode(entry.message().duplicate());
        if (message instanceof WalMessage.Begin begin) {
            return begin(begin);
        }
        if (message instanceof WalMessage.Commit commit) {
            return end(commit);
        }
        if (message instanceof WalMessage.LogicalMessage logical && !logical.transactional()) {
            return standalone(logical);
        }
        if (message instanceof WalMessage.RelationMessage relation) {
            encoder.describe(relation);
            return false;
        }
        return row(message, entry.lsn());
    }

    private boolean begin(WalMessage.Begin begin) {
        current = begin;
        changesOfCurrent = 0;
        // A commit record starts at or after the end of every commit before it, and an idle tidemark's LSN is where a
        // message stands: what commits before the newest tidemark's LSN is covered by it, and nothing else is.
        skipping = begin.finalLsn().isBefore(open.reached());
        if (!skipping) {
            open.commitsAt(begin.commitTime());
        }
        HalfTransaction before = half;
        if (before != null && before.isOf(begin.xid(), begin.finalLsn())) {
            encoder.begin(begin.finalLsn(), before.changes());
            producer.goOnAfter(before);
        } else {
            encoder.begin(begin.finalLsn(), 0);
        }
        return false;
    }

    private boolean row(WalMessage row, Lsn lsn) {
        WalMessage.Begin transaction = current;
        if (transaction == null) {
            throw new TidemarkException(ErrorCode.FAILED, "A row change arrived outside a transaction, at " + lsn);
        }
        if (!skipping) {
            requireTheRestOfHalf(transaction);
            changeWaits();
            changesOfCurrent += encoder.write(row, transaction, lsn, open.number() + 1, changesOfCurrent);
        }
        return false;
    }

    /** What was captured in half is the first that has changes after the newest tidemark, or the source has lost it. */
    private void requireTheRestOfHalf(WalMessage.Begin transaction) {
        HalfTransaction before = half;
        if (before != null && !before.isOf(transaction.xid(), transaction.finalLsn())) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "Transaction " + before.xid() + " was captured in half, up to its change " + before.changes()
                            + ", but transaction " + transaction.xid()
                            + " came next instead of the rest: the source does not have it any more. 'tidemark recover --anyway'"
                            + " mends the topics and goes on. To start over, drop the topics with prefix '"
                            + settings.topics().prefix() + "' and the slot, or use a new kafka.prefix and slot");
        }
    }

    private boolean end(WalMessage.Commit commit) {
        WalMessage.Begin transaction = current;
        if (transaction == null) {
            throw new TidemarkException(
                    ErrorCode.FAILED, "A commit arrived outside a transaction, at " + commit.endLsn());
        }
        if (!skipping) {
            open.reach(commit.endLsn());
            if (changesOfCurrent > 0) {
                long position = open.nextPosition();
                open.add(transaction.xid(), changesOfCurrent);
                producer.endOfTransaction();
                backfill.passed(transaction.finalLsn(), position);
                half = null;
                hasWhole = true;
                wholeTransactions++;
                wholeChanges += changesOfCurrent;
            }
        }
        current = null;
        return true;
    }

    /**
     * A message outside a transaction says that everything before it has been read. One that is not our own pulse is
     * captured, with a position of its own. The server sends it again when the slot was confirmed at it: its record begins
     * where the tidemark's LSN is, as the record after a commit does, so the LSN of the newest one is kept apart.
     */
    private boolean standalone(WalMessage.LogicalMessage message) {
        if (current != null) {
            throw new TidemarkException(
                    ErrorCode.FAILED, "A message outside a transaction arrived within one, at " + message.lsn());
        }
        boolean pulse = message.prefix().equals(IdlePulse.PREFIX);
        boolean covered = message.lsn().isBefore(open.reached()) || !messageLsn.isBefore(message.lsn());
        if (!pulse && !covered) {
            if (message.prefix().equals(SnapshotRequest.PREFIX)) {
                filling.readAgain(SnapshotRequest.table(message));
            } else {
                captureMessage(message);
            }
            messageLsn = message.lsn();
        }
        open.reach(message.lsn());
        return true;
    }

    private void captureMessage(WalMessage.LogicalMessage message) {
        changeWaits();
        encoder.begin(message.lsn(), 0);
        WalMessage.Begin outside = new WalMessage.Begin(message.lsn(), open.commitTime(), 0);
        encoder.write(message, outside, message.lsn(), open.nextPosition(), 0);
        hasWhole = true;
        producer.endOfTransaction();
    }

    private void altered(RelationChange change) {
        filling.altered(change, requireTransaction().finalLsn());
    }

    private void fill() {
        // Nothing may come between the parts of a transaction.
        if (half == null) {
            filling.fill(requireState());
        }
    }

    private boolean hasNews() {
        CaptureState before = state;
        return before != null && open.isNews(before);
    }

    /** Makes durable what there is, of the transaction that is open too. */
    private void commitPart() {
        WalMessage.Begin transaction = requireTransaction();
        HalfTransaction before = half;
        boolean more = changesOfCurrent > (before == null ? 0 : before.changes());
        if (more) {
            Map<String, List<Long>> offsets = before == null ? Map.of() : before.offsets();
            half = new HalfTransaction(transaction.xid(), transaction.finalLsn(), changesOfCurrent, offsets);
        }
        if (more || hasWhole) {
            commit();
        }
    }

    private CaptureState commit() {
        CaptureState before = requireState();
        CaptureState seen =
                before.seen(open.commitTime(), messageLsn, backfill.tables()).withOpenGap(filling::addTo);
        if (!seen.uncut().equals(before.uncut())) {
            producer.fullTidemarkNext();
        }
        long began = System.nanoTime();
        CaptureState after = producer.commit(seen, open.tidemark(before, seen.holdsTidemarks()), half);
        long nanos = System.nanoTime() - began;
        state = after;
        half = after.half();
        waiting = false;
        hasWhole = false;
        if (!after.holdsTidemarks()) {
            open.published();
        }
        boolean tidemark = !after.published().equals(before.published());
        listener.published(new Committed(after, tidemark, wholeTransactions, wholeChanges, nanos));
        wholeTransactions = 0;
        wholeChanges = 0;
        return after;
    }

    private WalMessage.Begin requireTransaction() {
        WalMessage.Begin transaction = current;
        if (transaction == null) {
            throw new IllegalStateException("No transaction is open");
        }
        return transaction;
    }

    private CaptureState requireState() {
        CaptureState now = state;
        if (now == null) {
            throw new IllegalStateException("Not started");
        }
        return now;
    }

    @Override
    public void close() {
        producer.close();
    }
}
