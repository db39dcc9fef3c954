package io.tidemark.capture.internal.kafka;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads topics as a {@code read_committed} reader sees them. They must exist. */
public final class CommittedRecords {

    /** A consumer that is closed waits for the fetch it has under way: with Kafka's own setting half a second, each time. */
    static final int FETCH_WAIT_MS = 20;

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, String> client;
    private final Duration patience;

    public CommittedRecords(Map<String, String> client) {
        this(client, PATIENCE);
    }

    /** With another time to wait for a record that cannot be read yet. */
    CommittedRecords(Map<String, String> client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /** Whether any of these topics holds a record that was not aborted. */
    public boolean any(List<String> topics) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            return !read(consumer, consumer.endOffsets(assign(consumer, topics)), record -> false);
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    /** Whether nothing was removed from the beginning of a topic. */
    boolean hasItsBeginning(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            return consumer.beginningOffsets(assign(consumer, List.of(topic))).values().stream()
                    .allMatch(offset -> offset == 0);
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    /** Gives every record that can be read now, in the order of each partition. */
    public void forEach(String topic, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            read(consumer, consumer.endOffsets(assign(consumer, List.of(topic))), record -> {
                taker.accept(record);
                return true;
            });
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    /**
     * Gives every record below the offset named for its partition. What is committed but cannot be read yet, since its
     * commit is not on the partition, is waited for.
     *
     * @throws TidemarkException TIMEOUT when it does not come
     */
    public void forEach(Map<TopicPartition, Long> until, Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        forEach(Map.of(), until, taker);
    }

    /**
     * The same of those at or past another offset.
     *
     * @param from for partitions that are not to be read from their beginning
     */
    public void forEach(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> until,
            Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            read(consumer, from, until, record -> {
                if (record.offset() < until.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
                    taker.accept(record);
                }
                return true;
            });
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    /** Reads each partition up to its offset, or until {@code goOn} says no; says whether it came to the end. */
    private boolean read(
            KafkaConsumer<byte[], byte[]> consumer,
            Map<TopicPartition, Long> until,
            Predicate<ConsumerRecord<byte[], byte[]>> goOn) {
        return read(consumer, Map.of(), until, goOn);
    }

    private boolean read(
            KafkaConsumer<byte[], byte[]> consumer,
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> until,
            Predicate<ConsumerRecord<byte[], byte[]>> goOn) {
        consumer.assign(until.keySet());
        consumer.seekToBeginning(until.keySet());
        from.forEach(consumer::seek);
        long before = -1;
        long movedAt = System.nanoTime();
        for (Collection<TopicPartition> open = open(consumer, until); !open.isEmpty(); open = open(consumer, until)) {
            consumer.pause(until.keySet());
            consumer.resume(open);
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (!goOn.test(record)) {
                    return false;
                }
            }
            long now = until.keySet().stream().mapToLong(consumer::position).sum();
            if (now > before) {
                movedAt = System.nanoTime();
            } else if (System.nanoTime() - movedAt > patience.toNanos()) {
                throw stuck(consumer, open.iterator().next(), until);
            }
            before = now;
        }
        return true;
    }

    private static List<TopicPartition> open(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> until) {
        return until.keySet().stream()
                .filter(each -> consumer.position(each) < until.getOrDefault(each, 0L))
                .toList();
    }

    private TidemarkException stuck(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, Map<TopicPartition, Long> until) {
        return new TidemarkException(
                ErrorCode.TIMEOUT,
                "Kafka lets " + partition + " be read up to offset " + consumer.position(partition) + " only, not to "
                        + until.get(partition) + ", and nothing came within " + patience.toSeconds()
                        + " s: a transaction has no end there. Try again; if it stays, end it with kafka-transactions.sh");
    }

    private TidemarkException unreachable(KafkaException e) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Kafka at " + client.get("bootstrap.servers") + " cannot be used: " + KafkaReason.of(e) + ". "
                        + KafkaReason.remedy(e),
                e);
    }

    private static List<TopicPartition> assign(KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        return partitions;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
        return new KafkaConsumer<>(config);
    }
}
