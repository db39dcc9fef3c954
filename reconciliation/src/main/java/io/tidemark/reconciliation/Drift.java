package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.store.StoredDocument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One document that certainly is not as the source says.
 *
 * @param storedPosition the position the stored document says it is as of; 0 when it is missing or says none
 * @param expected null for EXTRA
 * @param found null for MISSING
 * @param differences for DIFFERENT, the first ones
 * @param parked why its store refused it, when it is parked; null otherwise
 */
public record Drift(
        DriftKind kind,
        String collection,
        RowKey key,
        long storedPosition,
        @Nullable ObjectNode expected,
        @Nullable ObjectNode found,
        List<FieldDifference> differences,
        @Nullable String parked) {

    private static final int MAX_DIFFERENCES = 100;

    public Drift {
        differences = List.copyOf(differences);
    }

    static Drift of(
            DriftKind kind,
            String collection,
            RowKey key,
            @Nullable ExpectedDocument expected,
            @Nullable StoredDocument stored) {
        ObjectNode expectedBody = expected == null ? null : expected.body();
        ObjectNode found = stored == null ? null : stored.body();
        List<FieldDifference> differences = expectedBody == null || found == null
                ? List.of()
                : JsonDiff.between(expectedBody, found, MAX_DIFFERENCES);
        long position = stored == null ? 0 : stored.position();
        return new Drift(kind, collection, key, position, expectedBody, found, differences, null);
    }

    Drift withParked(@Nullable String reason) {
        return new Drift(kind, collection, key, storedPosition, expected, found, differences, reason);
    }

    /** Leaves out the side that has no document. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("kind", Names.of(kind));
        json.put("collection", collection);
        json.set("key", key.values());
        json.put("stored_position", storedPosition);
        if (expected != null) {
            json.set("expected", expected);
        }
        if (found != null) {
            json.set("found", found);
        }
        if (!differences.isEmpty()) {
            var array = json.putArray("differences");
            differences.forEach(difference -> array.add(difference.toJson()));
        }
        if (parked != null) {
            json.put("parked", parked);
        }
        return json;
    }
}
