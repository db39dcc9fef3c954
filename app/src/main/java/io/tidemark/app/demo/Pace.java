package io.tidemark.app.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Spaces steps out to a rate, catching up after a slow one. Not thread-safe. */
final class Pace {

    private static final long MAX_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final double nanosPerStep;
    private long startNanos;
    private long steps;

    Pace(double perSecond) {
        this.nanosPerStep = TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    /** Waits until the next step is due, or {@code stopping}, or the thread is interrupted. */
    void await(BooleanSupplier stopping) {
        if (steps == 0) {
            startNanos = System.nanoTime();
        }
        long due = startNanos + (long) (steps++ * nanosPerStep);
        long left = due - System.nanoTime();
        while (left > 0 && !stopping.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(Math.min(left, MAX_PARK_NANOS));
            left = due - System.nanoTime();
        }
    }
}
