package io.tidemark.capture.internal.rows;

import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.CommittedRecords;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * The rows a change topic says there are, as of some of its offsets: the newest record of each key, without those that
 * were deleted or truncated. What compaction has taken away is older than that. Kept on disk.
 */
final class TopicRows implements AutoCloseable {

    private static final byte[] TRUNCATE = RowKey.TRUNCATE.encode();

    private final CommittedRecords records;
    private final String topic;
    private final ScratchDirectory directory = ScratchDirectory.make();
    private final RowStore rows = new RowStore(directory.path());
    private volatile List<Long> read = List.of();

    TopicRows(Map<String, String> kafkaClient, String topic) {
        this.records = new CommittedRecords(kafkaClient);
        this.topic = topic;
    }

    /**
     * Reads on. Cut short, it goes on from there the next time.
     *
     * @param ends by partition, the offset up to which it is read; what is committed before it is waited for
     */
    void readTo(List<Long> ends) {
        long[] reached = new long[ends.size()];
        Map<TopicPartition, Long> from = new HashMap<>();
        Map<TopicPartition, Long> until = new HashMap<>();
        for (int partition = 0; partition < ends.size(); partition++) {
            reached[partition] = at(read, partition);
            if (ends.get(partition) > reached[partition]) {
                until.put(new TopicPartition(topic, partition), ends.get(partition));
                if (reached[partition] > 0) {
                    from.put(new TopicPartition(topic, partition), reached[partition]);
                }
            }
        }
        if (!until.isEmpty()) {
            read(from, until, reached);
            until.forEach((partition, end) -> reached[partition.partition()] = end);
            read = Arrays.stream(reached).boxed().toList();
        }
    }

    private void read(Map<TopicPartition, Long> from, Map<TopicPartition, Long> until, long[] reached) {
        try (RowStore.Writing writing = rows.writing()) {
            try {
                records.forEach(from, until, record -> {
                    take(record, writing);
                    reached[record.partition()] = record.offset() + 1;
                });
            } finally {
                writing.flush();
                read = Arrays.stream(reached).boxed().toList();
            }
            rows.freeMemory(writing.bytes());
        }
    }

    private static long at(List<Long> offsets, int partition) {
        return partition < offsets.size() ? offsets.get(partition) : 0;
    }

    private static void take(ConsumerRecord<byte[], byte[]> record, RowStore.Writing writing) {
        if (Arrays.equals(record.key(), TRUNCATE)) {
            writing.clear(record.partition());
        } else if (record.value() == null) {
            writing.delete(record.partition(), record.key());
        } else {
            byte[] kept = TopicRow.encode(position(record), record.offset(), record.value());
            writing.put(record.partition(), record.key(), kept);
        }
    }

    private static long position(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader(Version.HEADER);
        return header == null ? 0 : Version.decode(header.value()).position();
    }

    /** The row of a key. */
    Optional<TopicRow> get(RowKey key) {
        if (read.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = key.encode();
        return rows.get(partition(bytes), bytes)
                .map(kept -> TopicRow.decode(bytes, kept))
                .filter(row -> row.row().isObject());
    }

    private int partition(byte[] key) {
        return ChangeProducer.partitionOf(key, read.size());
    }

    /** Gives every row, in no order, until {@code goOn} says no. */
    void forEach(Predicate<TopicRow> goOn) {
        rows.forEach((partition, key, kept) -> {
            TopicRow row = TopicRow.decode(key, kept);
            return !row.row().isObject() || goOn.test(row);
        });
    }

    /** Gives the key of every row whose newest record is before these offsets, until {@code goOn} says no. */
    void forEachBefore(List<Long> ends, Predicate<RowKey> goOn) {
        rows.forEach((partition, key, kept) ->
                TopicRow.offset(kept) >= at(ends, partition) || goOn.test(RowKey.decode(key)));
    }

    /** Rows are of no more interest, until the topic has them anew. */
    void forget(Collection<RowKey> keys) {
        if (read.isEmpty()) {
            return;
        }
        try (RowStore.Writing writing = rows.writing()) {
            for (RowKey key : keys) {
                byte[] bytes = key.encode();
                writing.delete(partition(bytes), bytes);
            }
            writing.flush();
        }
    }

    @Override
    public void close() {
        rows.close();
        directory.close();
    }
}
