package io.tidemark.projections.internal.writing;

import java.time.Duration;

/**
 * How many documents are written before the group hears from the delivery again, and the delivery of its end. The group
 * gives up a member it does not hear from, and a store that needs longer than that for a batch would be sent the same one
 * for ever. It begins with few, since nothing is known of the store.
 */
final class Portion {

    static final int FIRST = 500;

    /** Closing waits for the portion that is being written; the rest of the batch is read again at the next start. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final int PART_OF_PATIENCE = 5;

    private final long nanosAtMost;
    private int documents = FIRST;

    /** @param patience time after which the group gives a member up that it does not hear from */
    Portion(Duration patience) {
        this.nanosAtMost = Math.min(patience.dividedBy(PART_OF_PATIENCE).toNanos(), LONGEST.toNanos());
    }

    int documents() {
        return documents;
    }

    /** Tells how long so many took to write. */
    void took(int written, long nanos) {
        if (written == 0) {
            return;
        }
        if (nanos > nanosAtMost) {
            documents = (int) Math.max(1, (double) written * nanosAtMost / nanos);
        } else if (nanos < nanosAtMost / 4 && written >= documents) {
            documents = (int) Math.min(Integer.MAX_VALUE, 2L * documents);
        }
    }
}
