package io.tidemark.projections;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The applied tidemark of one generation in one store, as its writer claims it: the minimum over the partitions.
 * Thread-safe; may be waited for.
 */
public final class AppliedTidemarks {

    private final int partitions;
    private final Consumer<TidemarkRef> listener;
    private final Map<Integer, TidemarkRef> byPartition = new HashMap<>();
    private Optional<TidemarkRef> minimum = Optional.empty();

    /**
     * Starts with nothing applied.
     *
     * @param listener told of every new minimum, in the writer's thread
     */
    public AppliedTidemarks(int partitions, Consumer<TidemarkRef> listener) {
        this.partitions = partitions;
        this.listener = listener;
    }

    /** A partition's claim is durable in the store. */
    public void applied(int partition, TidemarkRef tidemark) {
        Optional<TidemarkRef> news;
        synchronized (this) {
            byPartition.merge(partition, tidemark, (before, now) -> now.isAtLeast(before) ? now : before);
            news = newMinimum();
            if (news.isPresent()) {
                minimum = news;
                notifyAll();
            }
        }
        news.ifPresent(listener);
    }

    /** The store lost what was in it: nothing is applied until it is claimed again. */
    public synchronized void forget() {
        byPartition.clear();
        minimum = Optional.empty();
    }

    private Optional<TidemarkRef> newMinimum() {
        if (byPartition.size() < partitions) {
            return Optional.empty();
        }
        Optional<TidemarkRef> lowest = byPartition.values().stream().min(TidemarkRef::compareTo);
        return lowest.equals(minimum) ? Optional.empty() : lowest;
    }

    /** How many partitions it is the minimum over. */
    public int partitions() {
        return partitions;
    }

    /** The minimum over the partitions; empty while any has none. */
    public synchronized Optional<TidemarkRef> minimum() {
        return minimum;
    }

    /** Waits until the generation is fresh for a read token; false when the time is over first. */
    public synchronized boolean await(Lsn token, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (minimum.isEmpty() || minimum.get().lsn().isBefore(token)) {
            long leftMs = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            wait(leftMs);
        }
        return true;
    }
}
