package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A store in memory. What happens between a snapshot and its comparison is scripted with {@link #whenAligning}. */
final class InMemoryReader implements DocumentReader {

    /** A step of a test's script. */
    interface Step {
        void run() throws Exception;
    }

    private final Map<String, Map<RowKey, StoredDocument>> collections = new HashMap<>();
    private final Set<RowKey> expired = new HashSet<>();
    private final Set<RowKey> unfound = new HashSet<>();
    private final Queue<Step> steps = new ArrayDeque<>();
    private Optional<TidemarkRef> applied = Optional.of(new TidemarkRef(0, HandDrivenLog.FAR_AHEAD));

    void put(String collection, RowKey key, long position, ObjectNode body) {
        documents(collection).put(key, new StoredDocument(key, position, body));
    }

    void remove(String collection, RowKey key) {
        documents(collection).remove(key);
    }

    /** The document is gone by itself. */
    void expire(String collection, RowKey key) {
        remove(collection, key);
        expired.add(key);
    }

    /** The document is shown by a scan, but nobody finds it by its key. */
    void hide(RowKey key) {
        unfound.add(key);
    }

    /** Makes a collection what the source says now, as of a position. */
    void copy(SourceDatabase source, ComparedModel model, long position) {
        try (SourceSnapshot snapshot = SourceSnapshot.open(
                source.settings(), model.tables(), ReconcileLimits.defaults().timeout())) {
            for (ComparedCollection collection : model.collections()) {
                documents(collection.name()).clear();
                snapshot.documents(collection).stream(
                        100,
                        chunk -> chunk.forEach(
                                document -> put(collection.name(), document.key(), position, document.body())));
            }
        }
    }

    /** The next steps, one per round: each runs after the round's snapshot was taken, before it is compared. */
    void whenAligning(Step... next) {
        steps.addAll(List.of(next));
    }

    void appliedIs(Optional<TidemarkRef> tidemark) {
        applied = tidemark;
    }

    Map<RowKey, StoredDocument> documents(String collection) {
        return collections.computeIfAbsent(collection, any -> new LinkedHashMap<>());
    }

    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        Step step = steps.poll();
        if (step != null) {
            try {
                step.run();
            } catch (TidemarkException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError("A step of the test failed", e);
            }
        }
        return applied;
    }

    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        Map<RowKey, StoredDocument> found = new HashMap<>(documents(collection));
        found.keySet().retainAll(keys);
        found.keySet().removeAll(unfound);
        return found;
    }

    @Override
    public Set<RowKey> expired(String collection, List<RowKey> keys) {
        return keys.stream().filter(expired::contains).collect(Collectors.toSet());
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        List<StoredDocument> all = new ArrayList<>(documents(collection).values());
        for (int from = 0; from < all.size(); from += batchSize) {
            batches.accept(all.subList(from, Math.min(from + batchSize, all.size())));
        }
    }

    @Override
    public void close() {}
}
