package io.tidemark.app.run;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The keys of what changed since some time, as topics have it: of documents those that were assembled, of mirrors the rows. */
final class ChangedKeys {

    /** More are not looked at one by one. */
    static final int MOST = 1_000_000;

    /** Between a commit and the record that carries it, and between clocks. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, String> client;
    private final Topics topics;
    private final Instant since;

    ChangedKeys(Map<String, String> client, Topics topics, Instant since) {
        this.client = client;
        this.topics = topics;
        this.since = since;
    }

    /**
     * Reads them.
     *
     * @return by collection
     * @throws TidemarkException UNREACHABLE when Kafka does not answer; FAILED when a table was emptied, or more changed
     *     than can be looked at one by one
     */
    Map<String, List<RowKey>> of(ReadModel model) {
        Map<String, List<RowKey>> keys = new HashMap<>();
        if (model instanceof DocumentModel) {
            keys.put(model.name(), in(topics.documents(model.name())));
        } else if (model instanceof MirrorModel mirror) {
            for (TableId table : mirror.tables()) {
                keys.put(table.toString(), in(topics.changes(table)));
            }
        }
        return keys;
    }

    private List<RowKey> in(String topic) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return read(consumer, topic);
        } catch (KafkaException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "Topic " + topic + " in Kafka at " + client.get("bootstrap.servers") + " cannot be read: "
                            + e.getMessage(),
                    e);
        }
    }

    private List<RowKey> read(KafkaConsumer<byte[], byte[]> consumer, String topic) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(begin(consumer, topic));
        Set<RowKey> keys = new LinkedHashSet<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record, keys);
                deadline = System.nanoTime() + PATIENCE.toNanos();
            }
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "Kafka sends nothing of topic " + topic + " within " + PATIENCE.toSeconds() + " s");
            }
        }
        return List.copyOf(keys);
    }

    private void take(ConsumerRecord<byte[], byte[]> record, Set<RowKey> keys) {
        RowKey key = RowKey.decode(record.key());
        if (key.equals(RowKey.TRUNCATE)) {
            throw all("a table was emptied, as topic " + record.topic() + " has it");
        }
        // What is no key of a document is a tidemark's marker.
        if (key.json().startsWith("{") && keys.add(key) && keys.size() > MOST) {
            throw all("more than " + MOST + " documents changed, as topic " + record.topic() + " has it");
        }
    }

    private TidemarkException all(String why) {
        return new TidemarkException(
                ErrorCode.FAILED, "Since " + since + " " + why + ": compare everything, without --since");
    }

    /** Goes to the first record that may be of that time; gives the partitions that have one. */
    private List<TopicPartition> begin(KafkaConsumer<byte[], byte[]> consumer, String topic) {
        Map<TopicPartition, Long> times = new HashMap<>();
        consumer.partitionsFor(topic)
                .forEach(info -> times.put(
                        new TopicPartition(topic, info.partition()),
                        Math.max(0, since.minus(MARGIN).toEpochMilli())));
        Map<TopicPartition, OffsetAndTimestamp> first = new HashMap<>(consumer.offsetsForTimes(times));
        first.values().removeIf(Objects::isNull);
        consumer.assign(first.keySet());
        first.forEach((partition, offset) -> consumer.seek(partition, offset.offset()));
        return List.copyOf(first.keySet());
    }
}
