package io.tidemark.localstack;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A bounded wait for a condition of another process, which nothing but looking again can tell. */
final class Patience {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(25);

    private final long endNanos;

    private Patience(long endNanos) {
        this.endNanos = endNanos;
    }

    static Patience of(Duration bound) {
        return new Patience(System.nanoTime() + bound.toNanos());
    }

    /** Waits until the condition holds or the bound is reached, and says which. */
    boolean until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (isOver()) {
                return false;
            }
            pause();
        }
        return true;
    }

    private boolean isOver() {
        return System.nanoTime() - endNanos >= 0;
    }

    private static void pause() {
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted(new InterruptedException());
        }
    }

    static LocalStackException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LocalStackException(
                LocalStackException.Reason.INTERRUPTED, "Interrupted while waiting for a server", e);
    }
}
