package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * From where on change topics still hold every version: compaction takes out no record that is younger than the topic's
 * {@code min.compaction.lag.ms}, and a tidemark that is no older covers nothing but what is younger or the newest of its key.
 */
public final class KeptVersions {

    private static final int TIMEOUT_SECONDS = 30;
    private static final Duration POLL = Duration.ofMillis(100);
    /** Brokers' clocks differ, and a record of a transaction is older than the tidemark that covers it. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private final Map<String, String> client;
    private final List<TableId> tables;
    private final Topics topics;

    public KeptVersions(Map<String, String> client, List<TableId> tables, Topics topics) {
        this.client = Map.copyOf(client);
        this.tables = List.copyOf(tables);
        this.topics = topics;
    }

    /**
     * Number of the oldest tidemark from which on the topics hold every version now; empty when there is none, as when
     * nothing was captured for so long.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not say
     */
    OptionalLong wholeFrom() {
        long since = System.currentTimeMillis() - Math.max(0, keptMs() - MARGIN.toMillis());
        TopicPartition partition = new TopicPartition(topics.tidemarks(), 0);
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            consumer.assign(List.of(partition));
            OffsetAndTimestamp first =
                    consumer.offsetsForTimes(Map.of(partition, since)).get(partition);
            return first == null ? OptionalLong.empty() : numberAt(consumer, partition, first.offset());
        } catch (KafkaException e) {
            throw unanswered(e);
        }
    }

    private static OptionalLong numberAt(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        consumer.seek(partition, offset);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        while (consumer.position(partition) < end) {
            for (var each : consumer.poll(POLL)) {
                return OptionalLong.of(
                        Tidemark.fromJson(Json.parse(each.value())).number());
            }
        }
        return OptionalLong.empty();
    }

    /** The shortest time any of the topics keeps every version. */
    private long keptMs() {
        List<ConfigResource> resources = tables.stream()
                .map(table -> new ConfigResource(ConfigResource.Type.TOPIC, topics.changes(table)))
                .toList();
        try (Admin admin = Admin.create(new HashMap<>(client))) {
            return admin.describeConfigs(resources).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS).values().stream()
                    .mapToLong(KeptVersions::lagMs)
                    .min()
                    .orElse(0);
        } catch (ExecutionException | TimeoutException e) {
            throw unanswered(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TidemarkException(ErrorCode.FAILED, "Interrupted while asking Kafka about change topics", e);
        }
    }

    private TidemarkException unanswered(Exception e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Kafka at " + client.get("bootstrap.servers") + " does not say how long change topics keep every"
                        + " version: " + e.getMessage(),
                e);
    }

    private static long lagMs(Config config) {
        return Long.parseLong(
                config.get(TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG).value());
    }
}
