package io.tidemark.projections.internal.writing;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How tables are described, from which change on: the relations topic, read as far as tidemarks say. Used by one thread.
 *
 * <p>A tidemark covers a description with the first change that it describes, and names the offset just past it.
 */
final class Descriptions implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Set<TableId> tables;
    private final TopicPartition partition;
    private final Map<String, Object> config;
    private final List<Relation> read = new ArrayList<>();
    private @Nullable KafkaConsumer<byte[], byte[]> opened;

    /** @param config of a {@code read_committed} consumer */
    Descriptions(Map<String, Object> config, List<TableId> tables, Topics topics) {
        this.tables = new HashSet<>(tables);
        this.partition = new TopicPartition(topics.relations(), 0);
        this.config = Map.copyOf(config);
    }

    /**
     * Reads what there is: of a capture of an earlier build no tidemark says how far.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not send it
     */
    void open() {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config);
        opened = consumer;
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!reaches(end)) {
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "Kafka does not send " + partition + " up to offset " + end + " within " + PATIENCE.toSeconds()
                                + " s: check that its brokers run");
            }
        }
    }

    /**
     * Whether all descriptions that a cut covers are read. What is committed may be a moment away: each partition of a
     * Kafka transaction is marked by itself.
     */
    boolean reaches(Cut cut) {
        return reaches(cut.offset(partition.topic(), partition.partition()));
    }

    private boolean reaches(long offset) {
        KafkaConsumer<byte[], byte[]> consumer = opened;
        if (consumer == null) {
            throw new IllegalStateException("Not open");
        }
        if (consumer.position(partition) < offset) {
            consumer.poll(POLL).forEach(this::take);
        }
        return consumer.position(partition) >= offset;
    }

    /** The descriptions that a cut covers, of each table in their order. */
    List<Relation> coveredBy(Cut cut) {
        return read.stream()
                .filter(each -> each.from().position() <= cut.tidemark().number())
                .toList();
    }

    /** The newest of each table that a cut covers. */
    List<Relation> newestCoveredBy(Cut cut) {
        Map<TableId, Relation> newest = new LinkedHashMap<>();
        coveredBy(cut).forEach(each -> newest.put(each.table(), each));
        return List.copyOf(newest.values());
    }

    /**
     * The position of the first change from which on it is known how every table is described; 0 when it is for all. What
     * was written before, while descriptions held that were compacted away, can be read by the next one only.
     */
    long knownFrom() {
        Map<TableId, Relation> oldest = new LinkedHashMap<>();
        read.forEach(each -> oldest.putIfAbsent(each.table(), each));
        return oldest.values().stream()
                .filter(each -> each.version() > 1)
                .mapToLong(each -> each.from().position())
                .max()
                .orElse(0);
    }

    /** Not every record describes a table. */
    private void take(ConsumerRecord<byte[], byte[]> record) {
        JsonNode json = record.value() == null ? Json.object() : Json.parse(record.value());
        if (json.has("table")) {
            Relation relation = Relation.fromJson(json);
            if (tables.contains(relation.table())) {
                read.add(relation);
            }
        }
    }

    @Override
    public void close() {
        KafkaConsumer<byte[], byte[]> consumer = opened;
        opened = null;
        if (consumer != null) {
            consumer.close();
        }
    }
}
