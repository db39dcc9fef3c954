package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;

/** A document that was in flight at every look, so that nothing can be said about it. */
public record Undecided(String collection, RowKey key) {

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("collection", collection);
        json.set("key", key.values());
        return json;
    }
}
