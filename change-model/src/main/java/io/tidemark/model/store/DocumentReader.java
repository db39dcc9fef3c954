package io.tidemark.model.store;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads one generation back from one store, for reconciliation and status. Not thread-safe. */
public interface DocumentReader extends AutoCloseable {

    /** The generation's applied tidemark: the minimum over its partitions; empty while any has none. */
    Optional<TidemarkRef> appliedTidemark();

    /** The stored documents of these keys; absent keys are absent from the map. */
    Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys);

    /**
     * Every document of a collection, in any order, in batches of at most {@code batchSize}, with memory bounded by
     * the batch. Documents written or deleted meanwhile may or may not be seen.
     */
    void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches);

    @Override
    void close();
}
