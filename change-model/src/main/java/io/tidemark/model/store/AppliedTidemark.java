package io.tidemark.model.store;

import io.tidemark.model.TidemarkRef;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Partition {@code partition} of a generation's input equals the source as of {@code tidemark}. */
public record AppliedTidemark(int partition, TidemarkRef tidemark) {

    /**
     * The applied tidemark of a generation.
     *
     * @param claimed at most one per partition
     * @param partitions how many there are
     * @return the minimum; empty while any partition has none
     */
    public static Optional<TidemarkRef> ofGeneration(Collection<AppliedTidemark> claimed, int partitions) {
        return claimed.size() < partitions
                ? Optional.empty()
                : claimed.stream().map(AppliedTidemark::tidemark).min(Comparator.naturalOrder());
    }
}
