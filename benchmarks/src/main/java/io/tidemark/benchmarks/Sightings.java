package io.tidemark.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Looks into a store again and again for what was committed, and notes how long each commit took to be seen there. */
final class Sightings implements AutoCloseable {

    /** Documents asked for at once, the oldest that wait. */
    private static final int LOOK_AT = 500;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** A look into a store. */
    @FunctionalInterface
    interface Look {
        /** The revisions of these orders as the store shows them now; without those it does not have. */
        Map<Long, Long> revisions(List<Long> orders) throws Exception;
    }

    private record Sent(long order, long revision, long nanos) {}

    private final Look look;
    private final long pauseNanos;
    private final ConcurrentLinkedQueue<Sent> sent = new ConcurrentLinkedQueue<>();
    private final Thread looking;
    private volatile Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(15), 3);
    private final AtomicLong unseen = new AtomicLong();
    private volatile @Nullable Exception failure;
    private volatile boolean closed;

    /** Starts looking, with a pause between two looks. */
    Sightings(String name, Duration pause, Look look) {
        this.look = look;
        this.pauseNanos = pause.toNanos();
        this.looking = new Thread(this::look, "look into " + name);
        looking.start();
    }

    /** A commit has returned, at {@link System#nanoTime}. */
    void sent(long order, long revision, long nanos) {
        unseen.incrementAndGet();
        sent.add(new Sent(order, revision, nanos));
    }

    /**
     * Waits until everything that was sent has been seen, and begins anew.
     *
     * @return microseconds of each since the last call
     */
    Histogram await() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (unseen.get() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            Exception failed = failure;
            if (failed != null || System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        looking.getName() + ": not everything that was committed is seen there", failed);
            }
        }
        Histogram all = micros;
        micros = new Histogram(all);
        return all;
    }

    private void look() {
        List<Sent> waiting = new ArrayList<>();
        try {
            while (!closed) {
                for (Sent next = sent.poll(); next != null; next = sent.poll()) {
                    waiting.add(next);
                }
                if (!waiting.isEmpty()) {
                    List<Sent> seen = seen(waiting);
                    waiting.removeAll(seen);
                    unseen.addAndGet(-seen.size());
                }
                LockSupport.parkNanos(pauseNanos);
            }
        } catch (Exception e) {
            failure = e;
        }
    }

    private List<Sent> seen(List<Sent> waiting) throws Exception {
        List<Long> orders =
                waiting.stream().limit(LOOK_AT).map(Sent::order).distinct().toList();
        Map<Long, Long> revisions = look.revisions(orders);
        long now = System.nanoTime();
        List<Sent> seen = waiting.stream()
                .filter(each -> revisions.getOrDefault(each.order(), -1L) >= each.revision())
                .toList();
        seen.forEach(each -> micros.recordValue(TimeUnit.NANOSECONDS.toMicros(Math.max(0, now - each.nanos()))));
        return seen;
    }

    @Override
    public void close() {
        closed = true;
        try {
            looking.join(TimeUnit.SECONDS.toMillis(40));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
