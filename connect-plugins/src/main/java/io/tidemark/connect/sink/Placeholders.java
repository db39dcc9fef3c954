package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what Debezium puts in the place of a large value that an update did not touch and PostgreSQL did not send. It is
 * no value: written, it would take the place of the one the source has.
 */
final class Placeholders {

    private final String text;
    private final String base64;

    /** @param text Debezium's {@code unavailable.value.placeholder} */
    Placeholders(String text) {
        this.text = text;
        this.base64 = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The first top-level entry that holds one, in itself, in an array or as the key of a map. */
    Optional<String> find(JsonNode row) {
        return row.properties().stream()
                .filter(entry -> holds(entry.getValue()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private boolean holds(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue().equals(text) || value.textValue().equals(base64);
        }
        if (value.isArray()) {
            return (value.size() == 1 && holds(value.get(0))) || spells(value);
        }
        return value.isObject() && value.size() == 1 && value.has(text);
    }

    /** Of an array of numbers it is the numbers of its letters. */
    private boolean spells(JsonNode array) {
        if (array.size() != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (!array.get(i).isIntegralNumber() || array.get(i).intValue() != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
