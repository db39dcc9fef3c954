package io.tidemark.reconciliation;

import io.tidemark.model.TidemarkRef;
import java.util.Optional;

/**
 * What one wait has learned for the next: capture stood at a tidemark for as long as there is to wait. Tidemarks go on while a
 * source is idle, so whoever finds capture still there need not wait as long once more. Not thread-safe.
 */
final class Standstill {

    private Optional<Optional<TidemarkRef>> at = Optional.empty();

    /** Whether capture is where it stood. */
    boolean lasts(Optional<TidemarkRef> newest) {
        return at.isPresent() && at.get().equals(newest);
    }

    /** It was waited for in vain. */
    void waited(Optional<TidemarkRef> from, Optional<TidemarkRef> to) {
        at = from.equals(to) ? Optional.of(to) : Optional.empty();
    }
}
