package io.tidemark.reconciliation;

import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark.Transaction;
import io.tidemark.model.TidemarkRef;
import java.util.List;

/**
 * Up to where a snapshot of the source sees everything capture numbered.
 *
 * @param position every captured transaction up to it is seen by the snapshot; some after it may be
 * @param settled whether everything that was in the WAL before the snapshot was taken is among those; then whatever a
 *     store held before that moment has a position up to {@code position}, or a false one
 * @param exact whether the snapshot sees nothing after it: what it shows is the source as of {@code position}
 */
record Horizon(long position, boolean settled, boolean exact) {

    /**
     * Finds the first captured transaction the snapshot does not see. Positions are dense and in commit order, so the
     * one before it is the answer; when every transaction is seen, it is the newest tidemark's number.
     *
     * <p>The transactions need to reach back to the first unseen one. Unseen are those that committed after the
     * snapshot (they are the last of the list) and those whose commit was in the WAL while they still counted as
     * running (microseconds, or the wait for a synchronous standby).
     *
     * @param newest a tidemark at or past {@code snapshot.lsn()}, so that it covers everything the snapshot sees
     * @param transactions the newest ones, in commit order, read after {@code newest}
     * @param complete false when the log holds more than {@code transactions}
     */
    static Horizon of(TakenSnapshot snapshot, TidemarkRef newest, List<Transaction> transactions, boolean complete) {
        if (!complete && startsAfter(snapshot.lsn(), transactions)) {
            return new Horizon(0, false, false);
        }
        for (int i = 0; i < transactions.size(); i++) {
            Transaction transaction = transactions.get(i);
            if (!snapshot.xids().sees(transaction.xid())) {
                long last = Math.min(newest.number(), transaction.position() - 1);
                boolean exact = transactions.subList(i, transactions.size()).stream()
                        .noneMatch(later -> snapshot.xids().sees(later.xid()));
                return new Horizon(last, snapshot.lsnBefore().isBefore(transaction.endLsn()), exact);
            }
        }
        return new Horizon(newest.number(), true, true);
    }

    private static boolean startsAfter(Lsn lsn, List<Transaction> transactions) {
        return !transactions.isEmpty() && lsn.isBefore(transactions.get(0).endLsn());
    }
}
