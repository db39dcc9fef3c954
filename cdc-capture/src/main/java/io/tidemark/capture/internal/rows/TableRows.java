package io.tidemark.capture.internal.rows;

import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The rows of one table as its topic has them and its description reads them. */
public final class TableRows implements AutoCloseable {

    private final TopicRows rows;
    private final Relation relation;

    public TableRows(Map<String, String> kafkaClient, String topic, Relation relation) {
        this.rows = new TopicRows(kafkaClient, topic);
        this.relation = relation;
    }

    /** Reads on, up to these offsets. */
    public void readTo(List<Long> ends) {
        rows.readTo(ends);
    }

    public Optional<StoredDocument> get(RowKey key) {
        return rows.get(key).map(this::document);
    }

    /** Every row, in batches. */
    public void scan(int batchSize, Consumer<List<StoredDocument>> batches) {
        List<StoredDocument> batch = new ArrayList<>();
        rows.forEach(row -> {
            batch.add(document(row));
            if (batch.size() == batchSize) {
                batches.accept(List.copyOf(batch));
                batch.clear();
            }
            return true;
        });
        if (!batch.isEmpty()) {
            batches.accept(batch);
        }
    }

    private StoredDocument document(TopicRow row) {
        return new StoredDocument(row.key(), row.position(), row.readBy(relation));
    }

    @Override
    public void close() {
        rows.close();
    }
}
