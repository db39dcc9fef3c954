package io.tidemark.app.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.util.List;
import java.util.Set;

/** The part of a definition that has to do with certain names. */
final class Excerpt {

    private static final List<String> NESTING = List.of("one", "many");

    private Excerpt() {}

    /** The definition without the nested tables that nothing of the names is in; whole when there are no names. */
    static ObjectNode of(ObjectNode definition, Set<String> names) {
        ObjectNode excerpt = definition.deepCopy();
        if (!names.isEmpty()) {
            prune(excerpt, names);
        }
        return excerpt;
    }

    private static void prune(ObjectNode node, Set<String> names) {
        for (String kind : NESTING) {
            if (node.get(kind) instanceof ObjectNode entries) {
                ObjectNode kept = Json.object();
                entries.properties().forEach(entry -> {
                    boolean flattened =
                            entry.getKey().equals(node.path("flatten").asText());
                    if (flattened || names.contains(entry.getKey()) || hasAggregate(entry.getValue(), names)) {
                        prune((ObjectNode) entry.getValue(), names);
                        kept.set(entry.getKey(), entry.getValue());
                    }
                });
                node.set(kind, kept);
            }
        }
    }

    private static boolean hasAggregate(JsonNode many, Set<String> names) {
        return many.path("aggregates").properties().stream().anyMatch(entry -> names.contains(entry.getKey()));
    }
}
