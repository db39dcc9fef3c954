package io.tidemark.capture.internal.rows;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a topic has of a table whose rows are being read from the source: says of each whether the topic has it as it is, and
 * in the end which rows of the topic were not among them. Several threads may meet rows.
 */
public final class ComparedRows implements AutoCloseable {

    private final CaptureSettings settings;
    private final TableId table;
    private final List<Long> ends;
    private @Nullable TopicRows rows;
    private volatile @Nullable Relation relation;
    private boolean closed;

    /**
     * Prepares it; nothing is read yet.
     *
     * @param ends of the topic, by partition: what is before them is compared
     */
    public ComparedRows(CaptureSettings settings, TableId table, List<Long> ends) {
        this.settings = settings;
        this.table = table;
        this.ends = List.copyOf(ends);
    }

    /**
     * Reads the topic, once.
     *
     * @param described the table as the source has it
     */
    public void read(Relation described) {
        relation = settings.columns().applyTo(described);
        open().readTo(ends);
    }

    private synchronized TopicRows open() {
        if (closed) {
            throw new IllegalStateException("Closed");
        }
        TopicRows open = rows;
        if (open == null) {
            open = new TopicRows(settings.kafkaClient(), settings.topics().changes(table));
            rows = open;
        }
        return open;
    }

    /** What a topic has of a row of the source. */
    public enum Meeting {
        SAME,
        DIFFERENT,
        MISSING
    }

    /**
     * A row of the source. That it was looked up does not say that it is there to stay: the snapshot that has it may be
     * given up.
     *
     * @param envelope the change that reads it
     */
    public Meeting look(RowKey key, byte[] envelope) {
        Optional<TopicRow> row = open().get(key);
        if (row.isEmpty()) {
            return Meeting.MISSING;
        }
        Relation described = relation;
        if (described == null) {
            throw new IllegalStateException("Not read");
        }
        boolean same = Json.same(
                TopicRow.read(described, Json.parse(envelope).path("after")),
                row.get().readBy(described));
        return same ? Meeting.SAME : Meeting.DIFFERENT;
    }

    /** These rows are in the source, which is sure: they are of no more interest. */
    public void met(Collection<RowKey> keys) {
        open().forget(keys);
    }

    /**
     * Keys of rows that were not met, and that the topic still has as it did when it was first read.
     *
     * @param newEnds up to where the topic is looked at now
     * @param most of them to find
     */
    public List<RowKey> missed(List<Long> newEnds, int most) {
        TopicRows open = open();
        open.readTo(newEnds);
        List<RowKey> missed = new ArrayList<>();
        open.forEachBefore(ends, key -> {
            missed.add(key);
            return missed.size() < most;
        });
        return missed;
    }

    /** How many rows were not met. */
    public long missed() {
        long[] count = {0};
        open().forEachBefore(ends, key -> ++count[0] > 0);
        return count[0];
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (rows != null) {
            rows.close();
        }
    }
}
