package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The topics of a lane, as any reader of committed records sees them. Times are the broker's. */
final class ChangeTopic {

    private final Admin admin;
    private final Lane lane;
    private final String name;
    private boolean exists;

    ChangeTopic(Testbed testbed, Lane lane) {
        this.admin = testbed.kafka();
        this.lane = lane;
        this.name = lane.topics().changes(Lane.TABLE);
    }

    /** What the topic holds, and when the first and the last of it were appended. */
    record Content(Digest digest, long firstMs, long lastMs) {}

    /** Makes it as capture makes its own, for those who do not. */
    void create() {
        NewTopic topic = new NewTopic(name, Optional.of(Lane.PARTITIONS), Optional.empty())
                .configs(Map.of("message.timestamp.type", "LogAppendTime"));
        await(admin.createTopics(List.of(topic)).all());
    }

    /** Records appended so far, those that only mark the ends of Kafka transactions included; 0 before there is a topic. */
    long appended() {
        exists = exists || await(admin.listTopics().names()).contains(name);
        return exists ? ends() : 0;
    }

    private long ends() {
        Map<TopicPartition, OffsetSpec> ends =
                partitions().stream().collect(Collectors.toMap(Function.identity(), each -> OffsetSpec.latest()));
        return await(admin.listOffsets(ends).all()).values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    /** Reads all of it into a digest that holds nothing yet. */
    Content read(RowDigest digest) {
        long[] times = {Long.MAX_VALUE, 0};
        scan(partitions(), record -> {
            if (record.value() != null) {
                digest.add(record.value());
            }
            times[0] = Math.min(times[0], record.timestamp());
            times[1] = Math.max(times[1], record.timestamp());
            return false;
        });
        return new Content(digest.digest(), times[0], times[1]);
    }

    /** When the first tidemark that reaches an LSN was appended; empty when there is none yet. */
    OptionalLong tidemarkMs(Lsn lsn) {
        long[] found = {0};
        scan(List.of(new TopicPartition(lane.topics().tidemarks(), 0)), record -> {
            boolean reached =
                    !Tidemark.fromJson(Json.parse(record.value())).lsn().isBefore(lsn);
            found[0] = reached ? record.timestamp() : 0;
            return reached;
        });
        return found[0] == 0 ? OptionalLong.empty() : OptionalLong.of(found[0]);
    }

    /** Deletes every topic of the lane. */
    void delete() {
        List<String> mine = await(admin.listTopics().names()).stream()
                .filter(each -> each.startsWith(lane.name() + "."))
                .toList();
        await(admin.deleteTopics(mine).all());
    }

    private List<TopicPartition> partitions() {
        return IntStream.range(0, Lane.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(name, partition))
                .toList();
    }

    /** Reads from the beginning to what is the end now, or until the reader has what it looks for. */
    private void scan(List<TopicPartition> partitions, Predicate<ConsumerRecord<byte[], byte[]>> reader) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumer(lane.bootstrapServers()))) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    if (reader.test(record)) {
                        return;
                    }
                }
            }
        }
    }

    /** Configuration of a consumer that sees what is committed; it takes few records at a time, since they may be wide. */
    static Map<String, Object> consumer(String bootstrapServers) {
        return Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "max.poll.records",
                100,
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class);
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka refuses: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for Kafka", e);
        }
    }
}
