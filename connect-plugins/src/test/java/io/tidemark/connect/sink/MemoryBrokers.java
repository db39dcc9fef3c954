package io.tidemark.connect.sink;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Kafka as a test says it is. */
final class MemoryBrokers implements Brokers {

    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private final Set<String> dropped = new HashSet<>();
    private final List<Set<String>> questions = new ArrayList<>();
    private Described topic = new Described("first", 1);

    /** Every topic is this from now on. */
    void describedAs(String id, int partitions) {
        topic = new Described(id, partitions);
    }

    /** The group keeps these. */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        committed.putAll(offsets);
    }

    void loseOffsets() {
        committed.clear();
    }

    void end(TopicPartition partition, long offset) {
        ends.put(partition, offset);
    }

    /** There is no such topic. */
    void drop(String name) {
        dropped.add(name);
    }

    /** The topics of each question. */
    List<Set<String>> questions() {
        return questions;
    }

    @Override
    public Map<String, Described> describe(Collection<String> topics) {
        questions.add(Set.copyOf(topics));
        if (topics.stream().anyMatch(dropped::contains)) {
            throw new TidemarkException(ErrorCode.CONFIGURATION, "no such topic");
        }
        return topics.stream().collect(Collectors.toMap(Function.identity(), any -> topic));
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(String group, Collection<TopicPartition> partitions) {
        return partitions.stream()
                .filter(committed::containsKey)
                .collect(Collectors.toMap(Function.identity(), committed::get));
    }

    @Override
    public Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions) {
        return partitions.stream().collect(Collectors.toMap(Function.identity(), any -> 0L));
    }

    @Override
    public Map<TopicPartition, Long> behindLastRecords(Collection<TopicPartition> partitions) {
        return partitions.stream()
                .collect(Collectors.toMap(Function.identity(), partition -> ends.getOrDefault(partition, 0L)));
    }
}
