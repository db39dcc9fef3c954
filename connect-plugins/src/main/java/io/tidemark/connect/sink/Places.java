package io.tidemark.connect.sink;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a sink stands in each partition of a documents topic. The group keeps the offset behind the marker that was
 * claimed last, and beside it that tidemark. A store that claims it, or a newer one, holds everything before that offset.
 * One that claims less was set back or emptied since, or somebody altered the offset: the partition is filled again, from
 * its beginning.
 *
 * <p>Of a partition that is filled nothing is claimed before it is read to where it ended when that began: compaction
 * takes a document away once a newer one of its key is there, and that may be behind the next marker.
 *
 * <p>Not thread-safe.
 */
final class Places {

    private static final Logger LOG = LoggerFactory.getLogger(Places.class);

    /** A tidemark to be claimed, and the offset behind its marker. */
    private record Marker(TidemarkRef tidemark, long next) {}

    private final Map<TopicPartition, OffsetAndMetadata> kept = new HashMap<>();
    private final Map<TopicPartition, Long> filledTo = new HashMap<>();
    private final Map<TopicPartition, Marker> marked = new HashMap<>();

    /**
     * Decides where each partition is to be read from.
     *
     * @param committed that the group keeps
     * @param claims that the store holds
     * @return the partitions that are to be filled again: nothing may count as applied of them
     */
    List<TopicPartition> begin(
            Collection<TopicPartition> assigned,
            Map<TopicPartition, OffsetAndMetadata> committed,
            List<AppliedTidemark> claims) {
        Map<Integer, TidemarkRef> held =
                claims.stream().collect(Collectors.toMap(AppliedTidemark::partition, AppliedTidemark::tidemark));
        marked.clear();
        kept.keySet().retainAll(assigned);
        filledTo.keySet().retainAll(assigned);
        List<TopicPartition> unfilled = new ArrayList<>();
        for (TopicPartition partition : assigned) {
            OffsetAndMetadata place = committed.get(partition);
            if (!goesOnFilling(partition, place) && !stands(partition, place, held)) {
                unfilled.add(partition);
            }
        }
        return unfilled;
    }

    /** What this process wrote itself since the filling began is there. */
    private boolean goesOnFilling(TopicPartition partition, @Nullable OffsetAndMetadata place) {
        OffsetAndMetadata ours = kept.get(partition);
        return filledTo.containsKey(partition)
                && place != null
                && ours != null
                && ours.offset() == place.offset()
                && claimedBefore(place).number() == 0;
    }

    private boolean stands(
            TopicPartition partition, @Nullable OffsetAndMetadata place, Map<Integer, TidemarkRef> held) {
        TidemarkRef claimed = place == null ? TidemarkRef.NONE : claimedBefore(place);
        TidemarkRef there = held.getOrDefault(partition.partition(), TidemarkRef.NONE);
        // Of one number there is one content, whatever the LSN.
        boolean stands = place != null && claimed.number() > 0 && there.number() >= claimed.number();
        if (stands) {
            kept.put(partition, place);
            filledTo.remove(partition);
        } else if (claimed.number() > 0) {
            LOG.warn(
                    "Of {} tidemark {} was applied, and the store says {}: it was set back or emptied",
                    partition,
                    claimed,
                    there);
        }
        return stands;
    }

    /** NONE while a partition is filled, and for a place that somebody else chose. */
    private static TidemarkRef claimedBefore(OffsetAndMetadata place) {
        try {
            return place.metadata().isEmpty() ? TidemarkRef.NONE : TidemarkRef.parse(place.metadata());
        } catch (IllegalArgumentException somebodyElses) {
            return TidemarkRef.NONE;
        }
    }

    /** Partitions are filled from here on. */
    void fill(Map<TopicPartition, Long> beginnings, Map<TopicPartition, Long> ends) {
        beginnings.forEach((partition, beginning) -> {
            kept.put(partition, place(beginning, TidemarkRef.NONE));
            filledTo.put(partition, ends.getOrDefault(partition, beginning));
        });
    }

    /** The offset each partition is to be read from. */
    Map<TopicPartition, Long> offsets() {
        return kept.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, place -> place.getValue()
                .offset()));
    }

    /** A marker was read, with everything before it. */
    void marked(TopicPartition partition, TidemarkRef tidemark, long offset) {
        marked.put(partition, new Marker(tidemark, offset + 1));
    }

    /**
     * What may be claimed once everything that was read is written.
     *
     * @param positions the next offset of each partition behind what was read
     */
    List<AppliedTidemark> claims(Map<TopicPartition, Long> positions) {
        Map<Integer, AppliedTidemark> claims = new TreeMap<>();
        marked.forEach((partition, marker) -> {
            if (!isFilling(partition, positions)) {
                claims.put(partition.partition(), new AppliedTidemark(partition.partition(), marker.tidemark()));
            }
        });
        return List.copyOf(claims.values());
    }

    private boolean isFilling(TopicPartition partition, Map<TopicPartition, Long> positions) {
        Long end = filledTo.get(partition);
        return end != null && positions.getOrDefault(partition, 0L) < end;
    }

    /** What was read is written, and claimed where it may be. */
    void written(Map<TopicPartition, Long> positions) {
        positions.forEach((partition, position) -> {
            Marker marker = marked.get(partition);
            if (marker != null && !isFilling(partition, positions)) {
                kept.put(partition, place(marker.next(), marker.tidemark()));
                filledTo.remove(partition);
                marked.remove(partition);
            } else if (filledTo.containsKey(partition)) {
                kept.put(partition, place(position, TidemarkRef.NONE));
            }
        });
    }

    /** What the group is to keep of these partitions. */
    Map<TopicPartition, OffsetAndMetadata> kept(Set<TopicPartition> some) {
        return kept.entrySet().stream()
                .filter(place -> some.contains(place.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static OffsetAndMetadata place(long offset, TidemarkRef claimed) {
        return new OffsetAndMetadata(offset, claimed.toString());
    }
}
