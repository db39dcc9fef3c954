package io.tidemark.reconciliation;

import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark.Transaction;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Waits until capture and a read model have passed a snapshot of the source. */
final class Alignment {

    /** What came of the wait. */
    sealed interface Outcome {

        /** Everything the snapshot sees is in the read model. */
        record Aligned(Horizon horizon) implements Outcome {}

        /**
         * The time was up.
         *
         * @param reason who is behind, and by what, for people
         */
        record Behind(String reason) implements Outcome {}
    }

    /** Enough to reach back over the transactions captured while one poll of the log goes by. */
    private static final int TRANSACTIONS = 10_000;

    /** Nothing that the source committed later has a lower one: what comes before is read, not captured. */
    private static final long SNAPSHOT_POSITION = 1;

    private final TidemarkLog log;
    private final DocumentReader reader;
    private final Duration timeout;
    private final Standstill standstill;

    /** @param standstill that is known of capture; learns from this wait */
    Alignment(TidemarkLog log, DocumentReader reader, Duration timeout, Standstill standstill) {
        this.log = log;
        this.reader = reader;
        this.timeout = timeout;
        this.standstill = standstill;
    }

    /** The log is read as soon as it has passed the snapshot: while it reaches back to it, however slow the store is. */
    Outcome await(TakenSnapshot snapshot) {
        Lsn lsn = snapshot.lsn();
        Await await = Await.atMost(timeout);
        Optional<TidemarkRef> before = log.newest();
        if (!reached(before, lsn) && standstill.lasts(before)) {
            return new Outcome.Behind("capture has not reached the source's " + lsn
                    + " and does not move; its newest tidemark is " + shown(before));
        }
        if (!await.until(() -> reached(log.newest(), lsn))) {
            standstill.waited(before, log.newest());
            return new Outcome.Behind("capture has not reached the source's " + lsn + " within "
                    + timeout.toSeconds() + " s"
                    + "; its newest tidemark is " + shown(log.newest()));
        }
        Horizon horizon = horizon(snapshot);
        if (!await.until(() -> reached(reader.appliedTidemark(), lsn))) {
            return new Outcome.Behind("the read model has not reached the source's " + lsn + " within "
                    + timeout.toSeconds() + " s"
                    + "; its applied tidemark is " + shown(reader.appliedTidemark()));
        }
        return new Outcome.Aligned(horizon);
    }

    private Horizon horizon(TakenSnapshot snapshot) {
        TidemarkRef newest = log.newest().orElse(TidemarkRef.NONE);
        List<Transaction> transactions = log.newestTransactions(TRANSACTIONS);
        boolean complete = transactions.isEmpty()
                ? newest.number() <= SNAPSHOT_POSITION
                // One without an xid may stand for many that are not listed.
                : transactions.get(0).position() <= SNAPSHOT_POSITION + 1
                        && transactions.get(0).xid() != 0;
        return Horizon.of(snapshot, newest, transactions, complete);
    }

    private static boolean reached(Optional<TidemarkRef> tidemark, Lsn lsn) {
        return tidemark.isPresent() && !tidemark.get().lsn().isBefore(lsn);
    }

    private static String shown(Optional<TidemarkRef> tidemark) {
        return tidemark.map(TidemarkRef::toString).orElse("none");
    }
}
