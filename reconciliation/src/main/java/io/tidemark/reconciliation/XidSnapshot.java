package io.tidemark.reconciliation;

import java.util.Set;
import java.util.TreeSet;

/**
 * Which transactions a snapshot of PostgreSQL sees, as {@code pg_current_snapshot()} prints it.
 *
 * @param xmin every transaction before it has ended; 64 bits
 * @param xmax no transaction from it on is seen; 64 bits
 * @param inProgress those between that had not ended; 64 bits
 */
record XidSnapshot(long xmin, long xmax, Set<Long> inProgress) {

    /** 0 stands for no transaction (a snapshot's read), 1 and 2 are PostgreSQL's own; all of them are always seen. */
    private static final long FIRST_NORMAL_XID = 3;

    XidSnapshot {
        inProgress = Set.copyOf(inProgress);
    }

    /** Reads {@code xmin:xmax:xip,xip}. */
    static XidSnapshot parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' is not a snapshot such as 10:20:10,14,15");
        }
        Set<Long> inProgress = new TreeSet<>();
        if (!parts[2].isEmpty()) {
            for (String xid : parts[2].split(",", -1)) {
                inProgress.add(Long.parseLong(xid));
            }
        }
        return new XidSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), inProgress);
    }

    /**
     * Whether the snapshot sees a committed transaction.
     *
     * @param xid32 as the WAL has it, without epoch: taken as the transaction of that number nearest to the snapshot,
     *     as PostgreSQL compares them, so less than 2^31 transactions may lie between
     */
    boolean sees(long xid32) {
        if (xid32 < FIRST_NORMAL_XID) {
            return true;
        }
        int distance = (int) xid32 - (int) xmax;
        return distance < 0 && !inProgress.contains(xmax + distance);
    }
}
