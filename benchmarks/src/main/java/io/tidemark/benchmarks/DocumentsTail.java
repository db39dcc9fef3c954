package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.projections.internal.writing.DocumentDelivery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a documents topic, committed records only. Times are the broker's. */
final class DocumentsTail implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    /** Takes a document and when it was appended, in ms since 1970. */
    @FunctionalInterface
    interface Reader {
        void document(ObjectNode document, long appendedMs);
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<Integer, TidemarkRef> passed = new HashMap<>();
    private long lastDocumentMs;

    private DocumentsTail(String bootstrapServers, String topic) {
        consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class));
        partitions = IntStream.range(0, Lane.PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(partitions);
    }

    /** What comes from now on. */
    static DocumentsTail fromTheEnd(String bootstrapServers, String topic) {
        DocumentsTail tail = new DocumentsTail(bootstrapServers, topic);
        tail.consumer.seekToEnd(tail.partitions);
        tail.partitions.forEach(tail.consumer::position);
        return tail;
    }

    static DocumentsTail fromTheBeginning(String bootstrapServers, String topic) {
        DocumentsTail tail = new DocumentsTail(bootstrapServers, topic);
        tail.consumer.seekToBeginning(tail.partitions);
        return tail;
    }

    /** Records there are, those that mark tidemarks and the ends of Kafka transactions included. */
    long records() {
        return consumer.endOffsets(partitions).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Reads until there is what is waited for; throws when that takes for ever. */
    void readUntil(BooleanSupplier there, Reader reader) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!there.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "What was committed is not in the documents topic after " + PATIENCE.toMinutes() + " minutes");
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                note(record);
                if (record.value() != null) {
                    reader.document(Json.parseObject(record.value()), record.timestamp());
                }
            }
        }
    }

    /** Reads what has come, without looking at documents, and says whether every partition is past a read token. */
    boolean passes(Lsn token) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            note(record);
        }
        return passed.size() == partitions.size()
                && passed.values().stream().noneMatch(tidemark -> tidemark.lsn().isBefore(token));
    }

    private void note(ConsumerRecord<byte[], byte[]> record) {
        Header marker = record.headers().lastHeader(DocumentDelivery.APPLIED_HEADER);
        if (marker != null) {
            passed.put(record.partition(), TidemarkRef.parse(new String(marker.value(), StandardCharsets.US_ASCII)));
        } else {
            lastDocumentMs = Math.max(lastDocumentMs, record.timestamp());
        }
    }

    /** When the last document that was read was appended, in ms since 1970. */
    long lastDocumentMs() {
        return lastDocumentMs;
    }

    /** The newest version of each of so many documents, or more, whose id is a number. */
    Digest newest(long documents) {
        return newest(sums -> sums.size() >= documents);
    }

    /** The newest version of each document there is now. */
    Digest newest() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return newest(
                any -> ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue()));
    }

    private Digest newest(Predicate<Map<Long, Long>> whole) {
        Map<Long, Long> sums = new HashMap<>();
        DocumentDigest digest = new DocumentDigest();
        readUntil(
                () -> whole.test(sums),
                (document, appendedMs) -> sums.put(document.path("id").asLong(), digest.of(document)));
        return new Digest(
                sums.size(), sums.values().stream().mapToLong(Long::longValue).sum());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
