package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a delivery is in each partition. The group keeps the offset behind the marker that was claimed last, and beside it
 * that tidemark. A store that claims it, or a newer one, holds everything before that offset. One that claims less was set
 * back or emptied since: the partition is filled again, from its beginning.
 *
 * <p>Of a partition that is filled nothing is claimed before it is read to where it ended when that began: compaction takes
 * a document away once a newer one of its key is there, and that may be behind the next marker.
 *
 * <p>Not thread-safe.
 */
final class Places {

    private static final Logger LOG = LoggerFactory.getLogger(Places.class);

    /** A tidemark to be claimed, and the offset behind its marker. */
    private record Marker(TidemarkRef tidemark, long next) {}

    /** A place for the group to keep, and whether a claim was saved that ends there. */
    private record Proposal(OffsetAndMetadata place, boolean claimed) {}

    private final String name;
    private final Map<TopicPartition, OffsetAndMetadata> kept = new HashMap<>();
    private final Map<TopicPartition, Long> filledAt = new HashMap<>();
    private final Map<TopicPartition, Marker> marked = new HashMap<>();
    /** What the group was told to keep last; whether it does is not known when that failed. */
    private final Map<TopicPartition, Proposal> proposed = new HashMap<>();

    /** @param name of the delivery, for messages */
    Places(String name) {
        this.name = name;
    }

    /** What was known of a store that lost something: it is to be looked at anew. */
    void forget() {
        kept.clear();
        proposed.clear();
        filledAt.clear();
    }

    /**
     * Goes to where each assigned partition is to be read from.
     *
     * @param claims that the store holds
     * @return the partitions whose filling begins now: nothing may count as applied of them
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    Set<Integer> begin(Consumer<?, ?> consumer, List<AppliedTidemark> claims) {
        marked.clear();
        Map<Integer, TidemarkRef> held =
                claims.stream().collect(Collectors.toMap(AppliedTidemark::partition, AppliedTidemark::tidemark));
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
            List<TopicPartition> unfilled = new ArrayList<>();
            for (TopicPartition partition : consumer.assignment()) {
                OffsetAndMetadata place = committed.get(partition);
                if (place != null && (goesOnFilling(partition, place) || stands(partition, place, held))) {
                    consumer.seek(partition, place.offset());
                } else {
                    unfilled.add(partition);
                }
            }
            fill(consumer, unfilled);
            return unfilled.stream().map(TopicPartition::partition).collect(Collectors.toSet());
        } catch (TimeoutException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE, name + ": Kafka does not say where to go on: " + e.getMessage(), e);
        }
    }

    /** A filling goes on only where this process left it: what another one wrote before may be lost by now. */
    private boolean goesOnFilling(TopicPartition partition, OffsetAndMetadata place) {
        Proposal unknown = proposed.get(partition);
        return filledAt.containsKey(partition)
                && (isSame(kept.get(partition), place)
                        || (unknown != null && !unknown.claimed() && isSame(unknown.place(), place)));
    }

    private static boolean isSame(@Nullable OffsetAndMetadata ours, OffsetAndMetadata place) {
        return ours != null
                && ours.offset() == place.offset()
                && ours.metadata().equals(place.metadata());
    }

    private boolean stands(TopicPartition partition, OffsetAndMetadata place, Map<Integer, TidemarkRef> held) {
        TidemarkRef claimed = claimedBefore(place);
        TidemarkRef there = held.getOrDefault(partition.partition(), TidemarkRef.NONE);
        // Of one number there is one content, whatever the LSN.
        boolean stands = claimed.number() > 0 && there.number() >= claimed.number();
        if (stands) {
            kept.put(partition, place);
            filledAt.remove(partition);
        } else if (claimed.number() > 0) {
            LOG.warn(
                    "{}: of partition {} tidemark {} was applied, and the store says {}: it was set back or emptied",
                    name,
                    partition.partition(),
                    claimed,
                    there);
        }
        return stands;
    }

    /** NONE while the partition is filled, and for a place an earlier build kept, which says nothing. */
    private static TidemarkRef claimedBefore(OffsetAndMetadata place) {
        @Nullable String metadata = place.metadata();
        return metadata == null || metadata.isEmpty() ? TidemarkRef.NONE : TidemarkRef.parse(metadata);
    }

    /** Of no partition, the consumer would take it for all. */
    private void fill(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
        if (!partitions.isEmpty()) {
            consumer.seekToBeginning(partitions);
            filledAt.putAll(consumer.endOffsets(partitions));
            partitions.forEach(kept::remove);
        }
    }

    /** Whether a partition is being filled: nothing is claimed of it yet. */
    boolean isFilled(int partition) {
        return filledAt.keySet().stream().anyMatch(each -> each.partition() == partition);
    }

    /** Whether a partition is filled, and not read to its end yet. */
    private boolean isFilling(Consumer<?, ?> consumer, TopicPartition partition) {
        Long end = filledAt.get(partition);
        return end != null && consumer.position(partition) < end;
    }

    /** A marker was read, with everything before it. */
    void marked(TopicPartition partition, TidemarkRef tidemark, long offset) {
        marked.put(partition, new Marker(tidemark, offset + 1));
    }

    /** What may be claimed once everything that was read is written. */
    List<AppliedTidemark> claims(Consumer<?, ?> consumer) {
        Map<Integer, AppliedTidemark> claims = new TreeMap<>();
        marked.forEach((partition, marker) -> {
            if (consumer.assignment().contains(partition) && !isFilling(consumer, partition)) {
                claims.put(partition.partition(), new AppliedTidemark(partition.partition(), marker.tidemark()));
            }
        });
        return List.copyOf(claims.values());
    }

    /**
     * What was read is written, and claimed where it may be.
     *
     * @return the places the group is to keep, of every assigned partition; {@link #groupKeeps} when it does
     */
    Map<TopicPartition, OffsetAndMetadata> written(Consumer<?, ?> consumer) {
        proposed.clear();
        kept(consumer).forEach((partition, place) -> proposed.put(partition, new Proposal(place, false)));
        for (TopicPartition partition : consumer.assignment()) {
            Marker marker = marked.get(partition);
            if (marker != null && !isFilling(consumer, partition)) {
                proposed.put(partition, new Proposal(place(marker.next(), marker.tidemark()), true));
            } else if (filledAt.containsKey(partition)) {
                OffsetAndMetadata reached = place(consumer.position(partition), TidemarkRef.NONE);
                proposed.put(partition, new Proposal(reached, false));
            }
        }
        return proposed.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, proposal -> proposal.getValue()
                .place()));
    }

    /** The group keeps what was written last. */
    void groupKeeps() {
        proposed.forEach((partition, proposal) -> {
            kept.put(partition, proposal.place());
            if (proposal.claimed()) {
                filledAt.remove(partition);
                marked.remove(partition);
            }
        });
        proposed.clear();
    }

    /** The places of every assigned partition, as they were written last: the beginning where nothing was yet. */
    Map<TopicPartition, OffsetAndMetadata> kept(Consumer<?, ?> consumer) {
        return consumer.assignment().stream()
                .collect(Collectors.toMap(
                        Function.identity(), partition -> kept.getOrDefault(partition, place(0, TidemarkRef.NONE))));
    }

    private static OffsetAndMetadata place(long offset, TidemarkRef claimed) {
        return new OffsetAndMetadata(offset, claimed.toString());
    }
}
