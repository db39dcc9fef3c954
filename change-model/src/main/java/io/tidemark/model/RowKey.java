package io.tidemark.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The primary key of a row, or the key of a document, canonical: equal in PostgreSQL means equal bytes.
 *
 * <p>Its form in topics is a JSON object of the key columns in key order, for example {@code {"order_id":17,"line":2}}.
 *
 * @param json that object as compact JSON text
 */
public record RowKey(String json) implements Comparable<RowKey> {

    /** The key a truncate has in each partition: a text, as no row's key is, since compacted topics refuse null keys. */
    public static final RowKey TRUNCATE = new RowKey("\"__truncate\"");

    /** Wraps a key's values, which must be canonical already; see {@link Relation#keyOf}. */
    static RowKey of(ObjectNode values) {
        return new RowKey(Json.text(values));
    }

    /** Reads a key back from a topic. */
    public static RowKey decode(byte[] utf8) {
        return new RowKey(new String(utf8, java.nio.charset.StandardCharsets.UTF_8));
    }

    public byte[] encode() {
        return json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The key's columns and values, in key order. */
    public ObjectNode values() {
        return Json.parseObject(json);
    }

    /**
     * The key for people and for document ids: the value of a single column as it is, several joined by {@code |}
     * ({@code %} and {@code |} inside values are percent-encoded, so that different keys have different texts).
     */
    public String text() {
        List<String> parts = new ArrayList<>();
        values().forEach(value -> parts.add(value.asText()));
        if (parts.size() == 1) {
            return parts.get(0);
        }
        return parts.stream()
                .map(part -> part.replace("%", "%25").replace("|", "%7C"))
                .collect(Collectors.joining("|"));
    }

    /** One column's value as text, for key templates such as {@code order:{id}}. */
    public String text(String column) {
        JsonNode value = values().get(column);
        if (value == null) {
            throw new IllegalArgumentException("Key " + json + " has no column '" + column + "'");
        }
        return value.asText();
    }

    @Override
    public int compareTo(RowKey other) {
        return json.compareTo(other.json);
    }

    @Override
    public String toString() {
        return json;
    }
}
