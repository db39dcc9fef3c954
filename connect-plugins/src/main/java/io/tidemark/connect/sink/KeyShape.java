package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.errors.DataException;

/**
 * What the keys of a topic's documents are like: their fields, and the kind of JSON in each. A store could take a key of
 * another shape for one it has ({@code "1"} for {@code 1}), though its versions may be another partition's, or not be able to
 * name it at all. Not thread-safe.
 */
final class KeyShape {

    private final Set<String> names;
    private final Map<String, String> kinds = new HashMap<>();

    /** @param names of the fields; empty for those of the first key */
    KeyShape(Set<String> names) {
        this.names = new HashSet<>(names);
    }

    /** @throws DataException when a key is not like the others */
    void require(RowKey key) {
        ObjectNode values = values(key);
        Set<String> given = new HashSet<>();
        values.fieldNames().forEachRemaining(given::add);
        if (names.isEmpty()) {
            names.addAll(given);
        }
        if (!given.equals(names)) {
            throw new DataException(
                    "The key has the fields " + given + ", and those of the target's keys are " + names);
        }
        values.properties().forEach(field -> requireKind(field.getKey(), kind(field.getValue())));
    }

    private static ObjectNode values(RowKey key) {
        try {
            return key.values();
        } catch (IllegalArgumentException e) {
            throw new DataException("The record's key is no JSON object");
        }
    }

    private void requireKind(String name, String kind) {
        String before = kinds.putIfAbsent(name, kind);
        if (before != null && !before.equals(kind)) {
            throw new DataException(
                    "The field '" + name + "' of the key is " + kind + ", and was " + before + " in the first one");
        }
    }

    private static String kind(JsonNode value) {
        if (value.isNumber()) {
            return "a number";
        }
        if (value.isTextual()) {
            return "text";
        }
        return value.isBoolean() ? "a boolean" : "no scalar";
    }
}
