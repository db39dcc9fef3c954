package io.tidemark.projections.internal.writing;

import java.time.Duration;

/**
 * How many documents are written before the group hears from the delivery again. The group gives up a member it does not
 * hear from, and a store that needs longer than that for a batch would be sent the same one for ever.
 */
final class Portion {

    private final long nanosAtMost;
    private int documents = Integer.MAX_VALUE;

    /** @param atMost what writing a portion may take */
    Portion(Duration atMost) {
        this.nanosAtMost = atMost.toNanos();
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
