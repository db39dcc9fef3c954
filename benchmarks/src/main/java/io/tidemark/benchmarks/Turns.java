package io.tidemark.benchmarks;

import java.util.concurrent.locks.LockSupport;

/** Paces one sender. */
final class Turns {

    private Turns() {}

    /** Waits for a turn, counted from 0; a sender that is late catches up. */
    static void await(long startNanos, int turn, int perSecond) {
        long due = startNanos + (long) (turn * 1e9 / perSecond);
        while (System.nanoTime() < due) {
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }
}
