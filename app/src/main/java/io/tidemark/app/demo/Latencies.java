package io.tidemark.app.demo;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Time from a commit's return to the moment its read token is fresh in one read model: until the applied tidemark, as
 * its writer claimed it durably, has reached the token. Thread-safe.
 */
public final class Latencies {

    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 3;

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Histogram micros = new Histogram(LONGEST_MICROS, DIGITS);

    private record Waiting(Lsn token, long committedNanos) {}

    /**
     * A commit has returned.
     *
     * @param token read token taken right after it
     * @param committedNanos {@link System#nanoTime()} when it returned
     */
    public synchronized void committed(Lsn token, long committedNanos) {
        waiting.add(new Waiting(token, committedNanos));
    }

    /** The read model has reached a tidemark. */
    public synchronized void applied(TidemarkRef tidemark) {
        long now = System.nanoTime();
        // Tokens come from several threads, not quite in order: look at all of them.
        waiting.removeIf(commit -> {
            boolean fresh = !tidemark.lsn().isBefore(commit.token());
            if (fresh) {
                long elapsed = TimeUnit.NANOSECONDS.toMicros(now - commit.committedNanos());
                micros.recordValue(Math.min(Math.max(elapsed, 0), LONGEST_MICROS));
            }
            return fresh;
        });
    }

    public synchronized long count() {
        return micros.getTotalCount();
    }

    /** A percentile in milliseconds. */
    public synchronized double millis(double percentile) {
        return micros.getValueAtPercentile(percentile) / 1000.0;
    }
}
