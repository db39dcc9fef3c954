package io.tidemark.projections.internal.writing;

import io.tidemark.model.store.Document;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Rows of a mirror that were read and are not written, per partition, in the order of their versions. */
final class PendingRows {

    private record Row(Document document, long bytes) {}

    /** What a row costs beside the bytes of its record: a delete has hardly any. */
    private static final int ROW_BYTES = 500;

    private final Map<TopicPartition, Deque<Row>> byPartition = new LinkedHashMap<>();
    private long bytes;

    PendingRows(Collection<TopicPartition> partitions) {
        partitions.forEach(each -> byPartition.put(each, new ArrayDeque<>()));
    }

    Set<TopicPartition> partitions() {
        return byPartition.keySet();
    }

    /** @param recordBytes size of the record it was read from */
    void add(TopicPartition partition, Document document, int recordBytes) {
        Deque<Row> queue = byPartition.get(partition);
        if (queue == null) {
            throw new IllegalArgumentException("Nothing of " + partition + " is mirrored");
        }
        Row row = new Row(document, ROW_BYTES + recordBytes);
        queue.add(row);
        bytes += row.bytes();
    }

    /** Size of the records all of them were read from, about. */
    long bytes() {
        return bytes;
    }

    /** Takes those that a tidemark of this number covers. */
    List<Document> takeUpTo(long number) {
        List<Document> covered = new ArrayList<>();
        for (Deque<Row> queue : byPartition.values()) {
            while (!queue.isEmpty() && queue.element().document().version().position() <= number) {
                Row row = queue.remove();
                bytes -= row.bytes();
                covered.add(row.document());
            }
        }
        return covered;
    }

    void clear() {
        byPartition.values().forEach(Deque::clear);
        bytes = 0;
    }
}
