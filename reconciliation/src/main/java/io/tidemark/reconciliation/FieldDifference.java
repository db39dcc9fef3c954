package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import org.jspecify.annotations.Nullable;

/**
 * One place where a stored document differs.
 *
 * @param path such as {@code lines[2].quantity}; empty for the document itself
 * @param expected null when the source has nothing there, which is not JSON null
 * @param found null when the store has nothing there
 */
public record FieldDifference(
        String path, @Nullable JsonNode expected, @Nullable JsonNode found) {

    /** Leaves out the side that has nothing. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object().put("path", path);
        if (expected != null) {
            json.set("expected", expected);
        }
        if (found != null) {
            json.set("found", found);
        }
        return json;
    }
}
