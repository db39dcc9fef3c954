package io.tidemark.stores.redis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A document as the fields of a Redis hash: text as it is, anything else as its JSON, and no field for null.
 *
 * <p>To be read back exactly, text that could be taken for JSON ({@code 007} is none, {@code 7} is) is named in a field
 * of Tidemark's own, {@code _tidemark_text}. A document has all of its entries, so one without a field is null.
 */
final class HashFields {

    private static final String TEXT = Document.POSITION_FIELD + "_text";

    private HashFields() {}

    /** Fields and values by turns. */
    static List<String> encode(RowKey key, Version version, int generation, ObjectNode body) {
        List<String> fields = new ArrayList<>();
        StoredValue.head(key, version, generation)
                .properties()
                .forEach(field -> add(fields, field.getKey(), Json.text(field.getValue())));
        ArrayNode texts = Json.array();
        for (Map.Entry<String, JsonNode> entry : body.properties()) {
            JsonNode value = entry.getValue();
            if (value.isTextual()) {
                add(fields, entry.getKey(), value.textValue());
                json(value.textValue()).ifPresent(ambiguous -> texts.add(entry.getKey()));
            } else if (!value.isNull()) {
                add(fields, entry.getKey(), Json.text(value));
            }
        }
        if (!texts.isEmpty()) {
            add(fields, TEXT, Json.text(texts));
        }
        return fields;
    }

    private static void add(List<String> fields, String name, String value) {
        fields.add(name);
        fields.add(value);
    }

    /** @param entries the names a document has */
    static StoredValue decode(Map<String, String> fields, List<String> entries) {
        List<String> texts = new ArrayList<>();
        json(fields.getOrDefault(TEXT, "[]")).ifPresent(names -> names.forEach(name -> texts.add(name.asText())));
        ObjectNode document = Json.object();
        entries.forEach(document::putNull);
        fields.forEach((name, value) -> document.set(
                name,
                texts.contains(name) ? TextNode.valueOf(value) : json(value).orElseGet(() -> TextNode.valueOf(value))));
        document.remove(TEXT);
        return StoredValue.of(document);
    }

    private static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(Json.parse(text)).filter(node -> !node.isMissingNode());
        } catch (IllegalArgumentException noJson) {
            return Optional.empty();
        }
    }
}
