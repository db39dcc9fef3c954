package io.tidemark.model.store;

import io.tidemark.model.RowKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A batch collapsed to the newest document of each key, which is all a store has to write.
 *
 * <p>Documents a newer one of the same batch supersedes share its fate: written with it, rejected with it, sent again
 * with it. So no order between them is left that a store could get wrong.
 */
public final class NewestPerKey {

    private record Key(String collection, RowKey row) {}

    private final List<Document> newest;
    private final int[] indexInNewest;

    private NewestPerKey(List<Document> newest, int[] indexInNewest) {
        this.newest = newest;
        this.indexInNewest = indexInNewest;
    }

    /** Of equal versions the later in the list wins. A truncate supersedes every older document of its collection. */
    public static NewestPerKey of(List<Document> batch) {
        Map<String, Document> truncates = truncates(batch);
        return of(batch, document -> {
            Document truncate = truncates.getOrDefault(document.collection(), document);
            return document.version().compareTo(truncate.version()) < 0 ? truncate : document;
        });
    }

    private static Map<String, Document> truncates(List<Document> batch) {
        Map<String, Document> newest = new HashMap<>();
        batch.stream()
                .filter(Document::truncates)
                .forEach(truncate -> newest.merge(
                        truncate.collection(),
                        truncate,
                        (before, now) -> now.version().compareTo(before.version()) >= 0 ? now : before));
        return newest;
    }

    private static NewestPerKey of(List<Document> batch, UnaryOperator<Document> effective) {
        List<Document> newest = new ArrayList<>();
        Map<Key, Integer> indexByKey = new LinkedHashMap<>();
        int[] indexInNewest = new int[batch.size()];
        for (int i = 0; i < batch.size(); i++) {
            Document document = effective.apply(batch.get(i));
            Integer known = indexByKey.putIfAbsent(new Key(document.collection(), document.key()), newest.size());
            indexInNewest[i] = known == null ? newest.size() : known;
            if (known == null) {
                newest.add(document);
            } else if (document.version().compareTo(newest.get(known).version()) >= 0) {
                newest.set(known, document);
            }
        }
        return new NewestPerKey(List.copyOf(newest), indexInNewest);
    }

    /** One document per key, keys in the order of their first appearance. */
    public List<Document> documents() {
        return newest;
    }

    /**
     * Outcomes for the whole batch, in order.
     *
     * @param outcomes one for each of {@link #documents()}
     */
    public List<WriteOutcome> spread(List<WriteOutcome> outcomes) {
        List<WriteOutcome> spread = new ArrayList<>(indexInNewest.length);
        for (int index : indexInNewest) {
            spread.add(outcomes.get(index));
        }
        return spread;
    }
}
