package io.tidemark.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;

/** Reads what capture wrote, {@code read_committed}, as any Kafka client could. */
final class CapturedTopics {

    private final Map<String, Object> config;
    private final Topics topics;

    CapturedTopics(String bootstrapServers, Topics topics) {
        this.topics = topics;
        this.config = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                // Closing waits for the fetch under way.
                "fetch.max.wait.ms",
                20,
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class);
    }

    /** A record of a change topic. */
    record ChangeRecord(int partition, long offset, String key, Version version, ObjectNode envelope) {

        String operation() {
            return envelope.get("op").textValue();
        }
    }

    List<Tidemark> tidemarks() {
        return read(topics.tidemarks()).stream()
                .map(record -> Tidemark.fromJson(Json.parse(record.value())))
                .toList();
    }

    /** Waits until a tidemark covers a read token. */
    Tidemark awaitTidemark(Lsn token) {
        return Awaitility.await("a tidemark at " + token)
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> {
                            List<Tidemark> tidemarks = tidemarks();
                            return tidemarks.isEmpty() ? null : tidemarks.get(tidemarks.size() - 1);
                        },
                        newest -> newest != null && !newest.lsn().isBefore(token));
    }

    /** The changes of a table in topic order, tombstones left out. */
    List<ChangeRecord> changes(TableId table) {
        List<ChangeRecord> changes = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : read(topics.changes(table))) {
            if (record.value() != null) {
                changes.add(new ChangeRecord(
                        record.partition(),
                        record.offset(),
                        new String(record.key(), StandardCharsets.UTF_8),
                        Version.decode(
                                record.headers().lastHeader(Version.HEADER).value()),
                        Json.parseObject(record.value())));
            }
        }
        return changes;
    }

    /** The topic folded to a table, as compaction would leave it. */
    Map<String, JsonNode> fold(TableId table) {
        Map<Integer, Map<String, JsonNode>> byPartition = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : read(topics.changes(table))) {
            apply(byPartition.computeIfAbsent(record.partition(), partition -> new TreeMap<>()), record);
        }
        Map<String, JsonNode> rows = new TreeMap<>();
        byPartition.values().forEach(rows::putAll);
        return rows;
    }

    /** A truncate ends every row of its partition. */
    private static void apply(Map<String, JsonNode> rows, ConsumerRecord<byte[], byte[]> record) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            rows.remove(key);
        } else if (key.equals(RowKey.TRUNCATE.json())) {
            rows.clear();
        } else {
            rows.put(key, Json.parse(record.value()).get("after"));
        }
    }

    List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(new HashMap<>(config))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }
}
