package io.tidemark.projections.internal.writing;

import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
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

    private static final Version NOTHING = new Version(0, 0);
    private static final Version EVERYTHING = new Version(Long.MAX_VALUE, Integer.MAX_VALUE);

    private final Map<TopicPartition, Deque<Row>> byPartition = new LinkedHashMap<>();
    private final Map<TopicPartition, Version> passed = new HashMap<>();
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
                covered.add(remove(queue));
            }
        }
        return covered;
    }

    /** A record of this version was read, whether it is added or not: no older one will follow in its partition. */
    void passed(TopicPartition partition, Version version) {
        passed.put(partition, version);
    }

    /**
     * Takes those that a tidemark of this number covers and that no older one can follow any more, in the order of their
     * versions over all partitions.
     *
     * @param unfinished partitions of which not all that the tidemark covers was read
     */
    List<Document> takeInOrder(long number, Collection<TopicPartition> unfinished) {
        Version bound = oldestPassed(unfinished);
        List<Document> covered = new ArrayList<>();
        for (Deque<Row> queue : byPartition.values()) {
            while (!queue.isEmpty()
                    && queue.element().document().version().position() <= number
                    && queue.element().document().version().compareTo(bound) <= 0) {
                covered.add(remove(queue));
            }
        }
        covered.sort(Comparator.comparing(Document::version));
        return covered;
    }

    /** Those of some partitions without which nothing more can be taken in order. */
    List<TopicPartition> holdingUp(List<TopicPartition> unfinished) {
        Version bound = oldestPassed(unfinished);
        return unfinished.stream()
                .filter(each -> passed.getOrDefault(each, NOTHING).compareTo(bound) <= 0)
                .toList();
    }

    private Version oldestPassed(Collection<TopicPartition> unfinished) {
        return unfinished.stream()
                .map(each -> passed.getOrDefault(each, NOTHING))
                .min(Comparator.naturalOrder())
                .orElse(EVERYTHING);
    }

    private Document remove(Deque<Row> queue) {
        Row row = queue.remove();
        bytes -= row.bytes();
        return row.document();
    }

    void clear() {
        byPartition.values().forEach(Deque::clear);
        passed.clear();
        bytes = 0;
    }
}
