package io.tidemark.reconciliation;

import io.tidemark.model.RowKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys of what drifted, by collection, up to a number of them. */
final class DriftedKeys {

    /** @param position that the stored document says; 0 for none */
    record Drifted(RowKey key, long position) {}

    private final Map<ComparedCollection, List<Drifted>> keys = new LinkedHashMap<>();
    private int room;
    private long notKept;

    DriftedKeys(int most) {
        this.room = most;
    }

    void add(ComparedCollection collection, RowKey key, long position) {
        if (room > 0) {
            room--;
            keys.computeIfAbsent(collection, any -> new ArrayList<>()).add(new Drifted(key, position));
        } else {
            notKept++;
        }
    }

    /** How many were too many. */
    long notKept() {
        return notKept;
    }

    Map<ComparedCollection, List<Drifted>> byCollection() {
        return keys;
    }
}
