package io.tidemark.capture.internal;

import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The tidemark in the making: how far capture is past what is durable. Used by one thread at a time. */
final class OpenTidemark {

    /** Transactions that a tidemark may list: while tidemarks are held back there is no end of them. */
    private static final int MOST_LISTED = 5_000;

    private final List<Tidemark.Transaction> transactions = new ArrayList<>();
    private long number;
    private Lsn reached = Lsn.ZERO;
    private Instant commitTime = Instant.EPOCH;
    private long unlistedTo;

    /** Goes on after what is durable. */
    void goOnAfter(CaptureState newest) {
        number = newest.cut().tidemark().number();
        reached = newest.lsn();
        commitTime = newest.commitTime();
        unlistedTo = newest.published().number() < number ? number : 0;
    }

    /** Position of the last complete transaction. */
    long number() {
        return number;
    }

    /** Gives out the next position. */
    long nextPosition() {
        return ++number;
    }

    /** Everything whose commit record ends there or before has been written. */
    Lsn reached() {
        return reached;
    }

    void reach(Lsn lsn) {
        if (reached.isBefore(lsn)) {
            reached = lsn;
        }
    }

    /** Commit time of the last transaction, as a running maximum: those of the source run backwards now and then. */
    Instant commitTime() {
        return commitTime;
    }

    void commitsAt(Instant time) {
        if (time.isAfter(commitTime)) {
            commitTime = time;
        }
    }

    /**
     * The transaction with the last position given out is complete.
     *
     * @param xid 0 for what is no transaction of the source
     */
    void add(long xid, int changes) {
        transactions.add(new Tidemark.Transaction(number, xid, reached, commitTime, changes));
    }

    /** Whether it says more than what is durable. */
    boolean isNews(CaptureState durable) {
        return durable.cut().tidemark().number() < number || durable.lsn().isBefore(reached);
    }

    /**
     * The tidemark as of now, without offsets.
     *
     * @param durable what is so far
     * @param held whether tidemarks are held back
     */
    Tidemark tidemark(CaptureState durable, boolean held) {
        boolean tooMany = held && transactions.size() > MOST_LISTED;
        if (durable.published().equals(TidemarkRef.NONE) || tooMany) {
            transactions.clear();
            unlistedTo = number;
        }
        return new Tidemark(number, reached, false, Map.of(), transactions, unlistedTo);
    }

    /** It is published; the next one lists what comes after it. */
    void published() {
        transactions.clear();
        unlistedTo = 0;
    }
}
