package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.util.Map;
import java.util.TreeMap;

/** JSON with the fields of its objects in alphabetical order. */
final class SortedJson {

    private SortedJson() {}

    static JsonNode of(JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> fields = new TreeMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), of(field.getValue())));
            ObjectNode sorted = Json.object();
            fields.forEach(sorted::set);
            return sorted;
        }
        if (node.isArray()) {
            ArrayNode sorted = Json.object().putArray("elements");
            node.forEach(element -> sorted.add(of(element)));
            return sorted;
        }
        return node;
    }
}
