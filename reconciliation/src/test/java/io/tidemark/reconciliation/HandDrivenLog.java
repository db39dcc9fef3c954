package io.tidemark.reconciliation;

import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark.Transaction;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tidemarks a test publishes itself; always far ahead of the source unless told otherwise. */
final class HandDrivenLog implements TidemarkLog {

    static final Lsn FAR_AHEAD = Lsn.parse("FFFFFFFF/0");

    private final List<Transaction> transactions = new ArrayList<>();
    private Lsn lsn = FAR_AHEAD;

    /** Numbers the source's next transaction. */
    synchronized long add(SourceDatabase.Committed committed) {
        long position = transactions.size() + 1L;
        transactions.add(new Transaction(position, committed.xid(), committed.endLsn(), Instant.EPOCH, 1));
        return position;
    }

    synchronized void stopAt(Lsn last) {
        lsn = last;
    }

    @Override
    public synchronized Optional<TidemarkRef> newest() {
        return Optional.of(new TidemarkRef(transactions.size(), lsn));
    }

    @Override
    public synchronized List<Transaction> newestTransactions(int count) {
        return List.copyOf(transactions.subList(Math.max(0, transactions.size() - count), transactions.size()));
    }
}
