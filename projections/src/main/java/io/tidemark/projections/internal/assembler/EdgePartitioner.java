package io.tidemark.projections.internal.assembler;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/** Sends a message to its key's partition, as capture does, and a marker to every partition. */
final class EdgePartitioner implements StreamPartitioner<byte[], Edge> {

    @Override
    public Optional<Set<Integer>> partitions(String topic, byte[] key, Edge edge, int partitions) {
        if (edge instanceof Edge.Marker) {
            return Optional.of(IntStream.range(0, partitions).boxed().collect(Collectors.toSet()));
        }
        return Optional.of(Set.of(partition(key, partitions)));
    }

    static int partition(byte[] key, int partitions) {
        return Utils.toPositive(Utils.murmur2(key)) % partitions;
    }
}
