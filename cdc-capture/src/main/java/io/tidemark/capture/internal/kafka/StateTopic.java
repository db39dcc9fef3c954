package io.tidemark.capture.internal.kafka;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the newest capture state, {@code read_committed}. */
public final class StateTopic {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final long FIRST_STEP_BACK = 16;
    private static final int TIMEOUT_MS = 20_000;

    private final Map<String, String> client;
    private final TopicPartition partition;

    public StateTopic(Map<String, String> client, Topics topics) {
        this.client = client;
        this.partition = new TopicPartition(topics.state(), 0);
    }

    /**
     * The newest state committed; empty when there is none, or no topic.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    public Optional<CaptureState> read() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerConfig())) {
            return consumer.partitionsFor(partition.topic()).isEmpty() ? Optional.empty() : newest(consumer);
        } catch (KafkaException e) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "Kafka at " + client.get("bootstrap.servers") + " cannot be used: " + KafkaReason.of(e) + ". "
                            + KafkaReason.remedy(e),
                    e);
        }
    }

    private Optional<CaptureState> newest(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.assign(List.of(partition));
        long beginning = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        for (long step = FIRST_STEP_BACK; ; step *= FIRST_STEP_BACK) {
            long from = Math.max(beginning, end - step);
            Optional<CaptureState> newest = newestBetween(consumer, from, end);
            if (newest.isPresent() || from == beginning) {
                return newest;
            }
        }
    }

    private Optional<CaptureState> newestBetween(KafkaConsumer<byte[], byte[]> consumer, long from, long end) {
        consumer.seek(partition, from);
        Optional<CaptureState> newest = Optional.empty();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (new String(record.key(), StandardCharsets.UTF_8).equals(CaptureState.KEY)) {
                    newest = Optional.of(CaptureState.fromJson(Json.parse(record.value())));
                }
            }
        }
        return newest;
    }

    private Map<String, Object> consumerConfig() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, CommittedRecords.FETCH_WAIT_MS);
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        return config;
    }
}
