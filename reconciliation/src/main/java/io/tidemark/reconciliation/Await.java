package io.tidemark.reconciliation;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A bounded wait for conditions that nobody signals; several conditions share its one deadline. */
final class Await {

    private static final long POLL_NANOS = Duration.ofMillis(10).toNanos();

    private final long deadlineNanos;

    private Await(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }

    static Await atMost(Duration timeout) {
        return new Await(System.nanoTime() + timeout.toNanos());
    }

    /** Whether the condition came true in time; it is tried at least once. */
    boolean until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            long leftNanos = deadlineNanos - System.nanoTime();
            if (leftNanos <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, Math.min(POLL_NANOS, leftNanos));
            if (Thread.currentThread().isInterrupted()) {
                throw new TidemarkException(ErrorCode.FAILED, "Reconciliation was interrupted; start it again");
            }
        }
        return true;
    }
}
