package io.tidemark.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tidemark with the offsets of every change topic: one exact cut through all of them.
 *
 * @param offsets per change topic, by partition, the offset just past the last covered record
 */
public record Cut(TidemarkRef tidemark, Map<String, List<Long>> offsets) {

    public Cut {
        Map<String, List<Long>> copy = new LinkedHashMap<>();
        offsets.forEach((topic, perPartition) -> copy.put(topic, List.copyOf(perPartition)));
        offsets = copy;
    }

    /** The cut a full tidemark names. */
    public static Cut of(Tidemark full) {
        if (!full.full()) {
            throw new IllegalArgumentException("Tidemark " + full.ref() + " lists only what moved; fold it instead");
        }
        return new Cut(full.ref(), full.offsets());
    }

    /** This cut moved on by the next tidemark. */
    public Cut plus(Tidemark next) {
        if (next.full()) {
            return of(next);
        }
        Map<String, List<Long>> moved = new LinkedHashMap<>(offsets);
        moved.putAll(next.offsets());
        return new Cut(next.ref(), moved);
    }

    /** Offset just past the last covered record of a partition; 0 for one the cut does not know. */
    public long offset(String topic, int partition) {
        List<Long> perPartition = offsets.get(topic);
        return perPartition == null || partition >= perPartition.size() ? 0 : perPartition.get(partition);
    }
}
