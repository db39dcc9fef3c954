package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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

    /** How long an answer may be used. */
    static final Duration VALID_FOR = Duration.ofSeconds(30);

    private static final int TIMEOUT_SECONDS = 30;
    private static final Duration POLL = Duration.ofMillis(100);
    /** An answer is used for a while, brokers' clocks differ, and a transaction's records are older than its tidemark. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    /**
     * From where on every version is there.
     *
     * @param number position after which none is missing
     * @param time of the newest transaction up to that; of the tidemark where it names none
     */
    record Whole(long number, Instant time) {}

    private final Map<String, String> client;
    private final List<TableId> tables;
    private final Topics topics;

    public KeptVersions(Map<String, String> client, List<TableId> tables, Topics topics) {
        this.client = Map.copyOf(client);
        this.tables = List.copyOf(tables);
        this.topics = topics;
    }

    /**
     * Number of the oldest tidemark from which on the topics hold every version now, and for {@link #VALID_FOR} more; empty
     * when there is none, as when nothing was captured for so long.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not say
     */
    Optional<Whole> wholeFrom() {
        long keptMs = keptMs();
        return heldFor(Math.max(0, keptMs - MARGIN.toMillis()));
    }

    /** The same, and for half of that time more. */
    Optional<Whole> wholeForLong() {
        return heldFor(keptMs() / 2);
    }

    private Optional<Whole> heldFor(long ms) {
        long since = System.currentTimeMillis() - ms;
        TopicPartition partition = new TopicPartition(topics.tidemarks(), 0);
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, ConsumerConfigs.SHORT_FETCH_WAIT_MS);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            consumer.assign(List.of(partition));
            OffsetAndTimestamp first =
                    consumer.offsetsForTimes(Map.of(partition, since)).get(partition);
            return first == null ? Optional.empty() : at(consumer, partition, first.offset());
        } catch (KafkaException e) {
            throw unanswered(e);
        }
    }

    private Optional<Whole> at(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        consumer.seek(partition, offset);
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                return Optional.of(whole(record));
            }
            if (System.nanoTime() > deadline) {
                throw unanswered(new TimeoutException("it sends no tidemark within " + TIMEOUT_SECONDS + " s"));
            }
        }
        return Optional.empty();
    }

    private static Whole whole(ConsumerRecord<byte[], byte[]> record) {
        Tidemark tidemark = Tidemark.fromJson(Json.parse(record.value()));
        List<Tidemark.Transaction> covered = tidemark.transactions();
        Instant time = covered.isEmpty()
                ? Instant.ofEpochMilli(record.timestamp())
                : covered.get(covered.size() - 1).commitTime();
        return new Whole(tidemark.number(), time);
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
