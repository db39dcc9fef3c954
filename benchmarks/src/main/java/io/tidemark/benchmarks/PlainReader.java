package io.tidemark.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A process that reads topics from their beginning to what is their end, committed records only, and drops them. */
final class PlainReader {

    private PlainReader() {}

    /** Bootstrap servers, topics. */
    public static void main(String[] arguments) throws Exception {
        List<TopicPartition> partitions = Arrays.stream(arguments)
                .skip(1)
                .flatMap(topic -> IntStream.range(0, Lane.PARTITIONS).mapToObj(each -> new TopicPartition(topic, each)))
                .toList();
        Stopwatch watch = new Stopwatch();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers",
                arguments[0],
                "isolation.level",
                "read_committed",
                "max.poll.records",
                5_000,
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class))) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<TopicPartition> behind = new ArrayList<>(partitions);
            watch.start();
            while (!behind.isEmpty()) {
                consumer.poll(Duration.ofMillis(100));
                behind.removeIf(each -> consumer.position(each) >= ends.getOrDefault(each, 0L));
            }
            watch.stop();
        }
        watch.report();
    }
}
