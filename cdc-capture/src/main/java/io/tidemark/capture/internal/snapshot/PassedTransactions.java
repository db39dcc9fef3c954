package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Lsn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/** Positions by commit, of late: tells the last position before a snapshot, which is known only after it was passed. */
final class PassedTransactions {

    private final int most;
    private final Deque<Passed> passed = new ArrayDeque<>();
    private Passed before = new Passed(Lsn.ZERO, 0);

    private record Passed(Lsn commit, long position) {}

    PassedTransactions(int most) {
        this.most = most;
    }

    /** Begins anew. */
    void collectFrom(Lsn reached, long position) {
        passed.clear();
        before = new Passed(reached, position);
    }

    /** The transaction whose commit record starts there has this position. */
    void add(Lsn commit, long position) {
        passed.addLast(new Passed(commit, position));
        if (passed.size() > most) {
            before = passed.removeFirst();
        }
    }

    /** The last position of what committed before this LSN; empty when that is too long ago. */
    OptionalLong lastBefore(Lsn lsn) {
        if (lsn.isBefore(before.commit())) {
            return OptionalLong.empty();
        }
        long last = before.position();
        for (Passed each : passed) {
            if (!each.commit().isBefore(lsn)) {
                break;
            }
            last = each.position();
        }
        return OptionalLong.of(last);
    }
}
