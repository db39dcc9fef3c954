package io.tidemark.projections.internal.writing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Cut;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.TidemarkFollower;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Mirrors tables into one store. One thread owns every partition and applies whole tidemarks, collapsed per key, in one
 * write with the claim: a reader of a store with transactions never sees half a source transaction.
 *
 * <p>From nothing, everything up to the newest tidemark at the start is written as it comes and claimed as one.
 */
public final class MirrorDelivery extends ProjectionThread {

    private static final Duration POLL = Duration.ofMillis(10);

    /** A partition that is this far ahead of the tidemarks waits for the others. */
    private static final int PENDING_PER_PARTITION = 20_000;

    private final Map<String, TableId> tableByTopic = new HashMap<>();
    private final Map<String, Object> consumerConfig;
    private final int partitions;
    private final DocumentWriter writer;
    private final AppliedTidemarks applied;
    private final TidemarkFollower tidemarks;
    private final BatchWriting writing;
    private final Map<TopicPartition, Deque<Document>> pending = new LinkedHashMap<>();
    private final Supplier<TidemarkRef> stored;
    private TidemarkRef claimed = TidemarkRef.NONE;
    private TidemarkRef floor = TidemarkRef.NONE;

    /**
     * Prepares it.
     *
     * @param stored reads the applied tidemark the store holds; NONE for a new generation. Asked once the writer is open,
     *     when no other writer can move it any more
     */
    public MirrorDelivery(
            String name,
            List<TableId> tables,
            Topics topics,
            int partitions,
            Map<String, Object> consumerConfig,
            DocumentWriter writer,
            Supplier<TidemarkRef> stored,
            AppliedTidemarks applied,
            TidemarkFollower tidemarks) {
        super(name);
        tables.forEach(table -> tableByTopic.put(topics.changes(table), table));
        this.partitions = partitions;
        this.consumerConfig = Map.copyOf(consumerConfig);
        this.writer = writer;
        this.stored = stored;
        this.applied = applied;
        this.tidemarks = tidemarks;
        this.writing = new BatchWriting(name, writer, closing());
    }

    @Override
    KafkaConsumer<byte[], byte[]> open() {
        writer.open();
        claimed = stored.get();
        floor = tidemarks.newest().orElse(TidemarkRef.NONE);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerConfig);
        for (String topic : tableByTopic.keySet()) {
            for (int partition = 0; partition < partitions; partition++) {
                pending.put(new TopicPartition(topic, partition), new ArrayDeque<>());
            }
        }
        consumer.assign(pending.keySet());
        if (!goesOnFromCommitted(consumer)) {
            consumer.seekToBeginning(pending.keySet());
        }
        return consumer;
    }

    /**
     * Whether the committed offsets may be trusted: each says for which tidemark it was committed, and a store that was
     * set back (restored, failed over) claims less than that.
     */
    private boolean goesOnFromCommitted(KafkaConsumer<byte[], byte[]> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(pending.keySet());
        return !starting()
                && pending.keySet().stream().allMatch(each -> {
                    OffsetAndMetadata offset = committed.get(each);
                    return offset != null
                            && !offset.metadata().isEmpty()
                            && claimed.isAtLeast(TidemarkRef.parse(offset.metadata()));
                });
    }

    private boolean starting() {
        return claimed.equals(TidemarkRef.NONE);
    }

    @Override
    void turn(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        countRead(records.count());
        records.forEach(this::take);
        Optional<Cut> passed = tidemarks.newestWhere(cut -> pending.keySet().stream()
                .allMatch(each -> cut.offset(each.topic(), each.partition()) <= consumer.position(each)));
        if (passed.isPresent() && passed.get().tidemark().compareTo(claimed) > 0) {
            apply(consumer, passed.get());
        } else if (starting()) {
            writeBelowFloor();
        }
        holdBackThoseAhead(consumer);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader(Version.HEADER);
        TableId table = tableByTopic.get(record.topic());
        Deque<Document> queue = pending.get(new TopicPartition(record.topic(), record.partition()));
        if (header == null || table == null || queue == null) {
            throw new IllegalStateException("A record of " + record.topic() + " is none of capture's");
        }
        Version version = Version.decode(header.value());
        if (claimed.covers(version.position())) {
            return;
        }
        // A tombstone repeats the delete before it, of which compaction may leave nothing else.
        boolean row = record.value() != null;
        ObjectNode after = row && Json.parse(record.value()).get("after") instanceof ObjectNode object ? object : null;
        queue.add(new Document(table.toString(), RowKey.decode(record.key()), version, after));
    }

    private void apply(KafkaConsumer<byte[], byte[]> consumer, Cut cut) throws InterruptedException {
        TidemarkRef tidemark = cut.tidemark();
        if (starting() && !tidemark.isAtLeast(floor)) {
            writeBelowFloor();
            return;
        }
        List<Document> covered = collapse(tidemark.number());
        if (writing.write(covered, List.of(new AppliedTidemark(0, tidemark)))) {
            claimed = tidemark;
            applied.applied(0, tidemark);
            commit(consumer, cut);
        }
    }

    /** Only the claim says how far the store is; these offsets say where reading may go on from at the earliest. */
    private void commit(KafkaConsumer<byte[], byte[]> consumer, Cut cut) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition each : pending.keySet()) {
            long offset = cut.offset(each.topic(), each.partition());
            offsets.put(each, new OffsetAndMetadata(offset, cut.tidemark().toString()));
        }
        consumer.commitAsync(offsets, null);
    }

    private void writeBelowFloor() throws InterruptedException {
        List<Document> covered = collapse(floor.number());
        if (!covered.isEmpty()) {
            writing.write(covered, List.of());
        }
    }

    private List<Document> collapse(long number) {
        record Row(String collection, RowKey key) {}
        Map<Row, Document> newest = new LinkedHashMap<>();
        for (Deque<Document> queue : pending.values()) {
            while (!queue.isEmpty() && queue.element().version().position() <= number) {
                Document document = queue.remove();
                newest.merge(
                        new Row(document.collection(), document.key()),
                        document,
                        (before, now) -> now.version().compareTo(before.version()) >= 0 ? now : before);
            }
        }
        return new ArrayList<>(newest.values());
    }

    private void holdBackThoseAhead(KafkaConsumer<byte[], byte[]> consumer) {
        List<TopicPartition> ahead = pending.entrySet().stream()
                .filter(entry -> entry.getValue().size() > PENDING_PER_PARTITION)
                .map(Map.Entry::getKey)
                .toList();
        List<TopicPartition> others =
                pending.keySet().stream().filter(each -> !ahead.contains(each)).toList();
        consumer.resume(others);
        // A transaction larger than the bound must still be read to its end: with nothing new from the others, go on.
        boolean othersHaveNothing =
                others.stream().allMatch(each -> consumer.currentLag(each).orElse(1) == 0);
        if (othersHaveNothing) {
            consumer.resume(ahead);
        } else {
            consumer.pause(ahead);
        }
    }

    @Override
    void release() {
        writer.close();
    }
}
