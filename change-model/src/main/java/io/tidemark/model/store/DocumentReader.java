package io.tidemark.model.store;

import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Reads one generation back from one store, for reconciliation and status. Not thread-safe. */
public interface DocumentReader extends AutoCloseable {

    /** The generation's applied tidemark: the minimum over its partitions; empty while any has none. */
    Optional<TidemarkRef> appliedTidemark();

    /**
     * Waits until the generation is fresh for a read token.
     *
     * @param token an LSN, see {@link io.tidemark.model.Tidemark#token}
     * @param timeout zero to ask once
     * @return what it was when it became fresh, or when the time was over
     */
    default Freshness await(Lsn token, Duration timeout) throws InterruptedException {
        return Freshness.await(token, timeout, this::appliedTidemark);
    }

    /** The stored documents of these keys; absent keys are absent from the map. */
    Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys);

    /**
     * Those of these keys, of which {@link #get} finds nothing, whose documents may have gone by themselves: a store that
     * lets documents expire cannot be expected to hold them.
     */
    default Set<RowKey> expired(String collection, List<RowKey> keys) {
        return Set.of();
    }

    /**
     * Every document of a collection, in any order, in batches of at most {@code batchSize}, with memory bounded by
     * the batch. Documents written or deleted meanwhile may or may not be seen.
     */
    void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches);

    @Override
    void close();
}
