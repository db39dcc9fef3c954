package io.tidemark.capture.internal.kafka;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads whole topics as a {@code read_committed} reader sees them now. */
public final class CommittedRecords {

    private static final Duration POLL = Duration.ofMillis(500);

    private final Map<String, String> client;

    public CommittedRecords(Map<String, String> client) {
        this.client = client;
    }

    /** Whether any of these topics, which must exist, holds a record that was not aborted. */
    public boolean any(List<String> topics) {
        return !read(topics, record -> false);
    }

    /** Gives every record of these topics, which must exist, in the order of each partition. */
    void forEach(List<String> topics, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        read(topics, record -> {
            taker.accept(record);
            return true;
        });
    }

    /** Gives every record of a partition before this offset, in order. */
    public void forEach(TopicPartition partition, long end, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() < end) {
                        taker.accept(record);
                    }
                }
            }
        }
    }

    /** Where each partition of a topic ends now, by partition. */
    public List<Long> ends(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .sorted(Comparator.comparing(TopicPartition::partition))
                    .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            return partitions.stream().map(each -> ends.getOrDefault(each, 0L)).toList();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return new KafkaConsumer<>(config);
    }

    /** Reads to the end, or until {@code goOn} says no; says whether it came to the end. */
    private boolean read(List<String> topics, Predicate<ConsumerRecord<byte[], byte[]>> goOn) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = topics.stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (!goOn.test(record)) {
                        return false;
                    }
                }
            }
            return true;
        }
    }
}
