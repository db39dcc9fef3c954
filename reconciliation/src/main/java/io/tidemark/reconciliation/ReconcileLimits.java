package io.tidemark.reconciliation;

import java.time.Duration;

/**
 * What bounds one reconciliation in time and memory.
 *
 * @param timeout how long the read model may take to reach a snapshot of the source, per round
 * @param chunkSize documents compared at once; memory holds about one chunk of expected and one of stored documents
 * @param maxRounds how often documents in flight are checked again before they are given up as undecided
 * @param maxKept drifted documents, and undecided keys, kept in the report; all of them are counted
 * @param maxInFlight keys remembered for another check; those past it are undecided
 */
public record ReconcileLimits(Duration timeout, int chunkSize, int maxRounds, int maxKept, int maxInFlight) {

    public ReconcileLimits {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("The timeout of a reconciliation is positive, not " + timeout);
        }
        if (chunkSize < 1 || maxRounds < 0 || maxKept < 0 || maxInFlight < 0) {
            throw new IllegalArgumentException("Limits of a reconciliation are not negative, a chunk not empty");
        }
    }

    public static ReconcileLimits defaults() {
        return new ReconcileLimits(Duration.ofSeconds(30), 1_000, 10, 1_000, 100_000);
    }

    public ReconcileLimits withTimeout(Duration other) {
        return new ReconcileLimits(other, chunkSize, maxRounds, maxKept, maxInFlight);
    }
}
