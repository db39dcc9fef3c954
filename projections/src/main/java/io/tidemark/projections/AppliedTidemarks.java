package io.tidemark.projections;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The applied tidemark of one generation in one store, as this process's writer claims it: the minimum over the partitions
 * it writes. Those of other processes are not known here; the store knows all. Thread-safe; may be waited for.
 */
public final class AppliedTidemarks {

    private Set<Integer> owned;
    private final Consumer<TidemarkRef> listener;
    private final Map<Integer, TidemarkRef> byPartition = new HashMap<>();
    private Optional<TidemarkRef> minimum = Optional.empty();

    /**
     * Starts with nothing applied and all partitions its own.
     *
     * @param listener told of every new minimum, in the writer's thread
     */
    public AppliedTidemarks(int partitions, Consumer<TidemarkRef> listener) {
        this.owned = IntStream.range(0, partitions).boxed().collect(Collectors.toUnmodifiableSet());
        this.listener = listener;
    }

    /** A partition's claim is durable in the store. */
    public void applied(int partition, TidemarkRef tidemark) {
        Optional<TidemarkRef> news;
        synchronized (this) {
            if (!owned.contains(partition)) {
                return;
            }
            byPartition.merge(partition, tidemark, (before, now) -> now.isAtLeast(before) ? now : before);
            news = newMinimum();
            if (news.isPresent()) {
                minimum = news;
                notifyAll();
            }
        }
        news.ifPresent(listener);
    }

    /** From now on these partitions are written by this process; of those that are new nothing is applied yet. */
    public void own(Set<Integer> partitions) {
        Optional<TidemarkRef> news;
        synchronized (this) {
            owned = Set.copyOf(partitions);
            byPartition.keySet().retainAll(owned);
            news = newMinimum();
            minimum = lowest();
            notifyAll();
        }
        news.ifPresent(listener);
    }

    /** The store lost what was in it: nothing is applied until it is claimed again. */
    public synchronized void forget() {
        byPartition.clear();
        minimum = Optional.empty();
    }

    private Optional<TidemarkRef> newMinimum() {
        Optional<TidemarkRef> lowest = lowest();
        return lowest.equals(minimum) ? Optional.empty() : lowest;
    }

    private Optional<TidemarkRef> lowest() {
        return byPartition.size() < owned.size()
                ? Optional.empty()
                : byPartition.values().stream().min(TidemarkRef::compareTo);
    }

    /** The partitions it is the minimum over. */
    public synchronized Set<Integer> owned() {
        return owned;
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
