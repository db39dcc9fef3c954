package io.tidemark.connect.converter;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** The tables as {@code <prefix>.relations} describes them, by change topic; read again as it grows. Not thread-safe. */
final class RelationsTopic implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long OFTEN_NANOS = Duration.ofMillis(100).toNanos();

    private final Topics topics;
    private final Map<String, Object> client;
    private final TopicPartition partition;
    private final Map<String, List<Relation>> byTopic = new HashMap<>();
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;
    private long readNanos;

    /** @param client properties to reach Kafka */
    RelationsTopic(Topics topics, Map<String, Object> client) {
        this.topics = topics;
        this.client = Map.copyOf(client);
        this.partition = new TopicPartition(topics.relations(), 0);
    }

    /**
     * The description of a change topic's rows.
     *
     * @param version of the change; null for the newest
     * @return empty for what is no change topic
     */
    Optional<Relation> of(String topic, @Nullable Version version) {
        if (consumer == null || System.nanoTime() - readNanos > OFTEN_NANOS) {
            read();
        }
        List<Relation> known = byTopic.getOrDefault(topic, List.of());
        for (int i = known.size() - 1; i >= 0; i--) {
            if (version == null || i == 0 || known.get(i).from().compareTo(version) <= 0) {
                return Optional.of(known.get(i));
            }
        }
        return Optional.empty();
    }

    /** Reads what came since. */
    void read() {
        try {
            KafkaConsumer<byte[], byte[]> open = consumer == null ? open() : consumer;
            consumer = open;
            long end =
                    Objects.requireNonNull(open.endOffsets(List.of(partition)).get(partition));
            while (open.position(partition) < end) {
                open.poll(POLL).forEach(this::take);
            }
            readNanos = System.nanoTime();
        } catch (KafkaException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The topic " + partition.topic() + ", which describes the tables, cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }

    private KafkaConsumer<byte[], byte[]> open() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        KafkaConsumer<byte[], byte[]> made = new KafkaConsumer<>(config);
        made.assign(List.of(partition));
        made.seekToBeginning(List.of(partition));
        return made;
    }

    /** Notes about other things have names that are no table's. */
    private void take(ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (key.indexOf('.') > 0 && record.value() != null) {
            Relation relation = Relation.fromJson(Json.parseObject(record.value()));
            TableId table = relation.table();
            byTopic.computeIfAbsent(topics.changes(table), any -> new ArrayList<>())
                    .add(relation);
        }
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
        }
    }
}
