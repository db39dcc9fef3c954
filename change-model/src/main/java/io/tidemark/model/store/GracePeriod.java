package io.tidemark.model.store;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * How long a writer may write without its owner being confirmed: half the time a store remembers deletes. The other half
 * is for requests on their way.
 *
 * <p>A former owner stopped for longer (paused, cut off, retrying) could otherwise bring back what the new owner deleted
 * and the store forgot. Time is the longer of two clocks': one may stand still while the machine sleeps, the other may
 * be set back. Not thread-safe.
 */
public final class GracePeriod {

    private final LongSupplier nanos;
    private final InstantSource wall;
    private long confirmedNanos;
    private long confirmedMs;
    private Duration deletesRemembered = Duration.ZERO;

    public GracePeriod() {
        this(System::nanoTime, InstantSource.system());
    }

    /** With clocks of the caller's. */
    public GracePeriod(LongSupplier nanos, InstantSource wall) {
        this.nanos = nanos;
        this.wall = wall;
    }

    /** Begins, with the owner confirmed now. */
    public void begin(Duration remembered) {
        deletesRemembered = remembered;
        confirm();
    }

    /** The owner is confirmed now. */
    public void confirm() {
        confirmedNanos = nanos.getAsLong();
        confirmedMs = wall.millis();
    }

    /** Whether the owner was confirmed too long ago. */
    public boolean isOver() {
        return since().compareTo(deletesRemembered.dividedBy(2)) > 0;
    }

    private Duration since() {
        Duration steady = Duration.ofNanos(nanos.getAsLong() - confirmedNanos);
        Duration shown = Duration.ofMillis(wall.millis() - confirmedMs);
        return steady.compareTo(shown) > 0 ? steady : shown;
    }

    /**
     * To be called right before each request that writes.
     *
     * @param what is written, for people
     * @throws TidemarkException FENCED when the owner was confirmed too long ago
     */
    public void require(String what) {
        if (isOver()) {
            throw new TidemarkException(
                    ErrorCode.FENCED,
                    "The writer of " + what + " was out of touch for " + since().toSeconds()
                            + " s, and deletes are remembered for " + deletesRemembered.toSeconds()
                            + " s: it writes nothing before it joined again");
        }
    }
}
