package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.ConnectJson;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** The key of a document: a JSON object of its fields. What is no object gets a name. */
final class RecordKeys {

    private static final String UNNAMED = "key";

    private final List<String> fields;

    /** @param fields those of the key, in their order; empty for all there are */
    RecordKeys(List<String> fields) {
        this.fields = List.copyOf(fields);
    }

    /**
     * The key in a record's key.
     *
     * @throws DataException when there is none, or it lacks a field
     */
    RowKey of(@Nullable Schema schema, @Nullable Object key) {
        if (key == null) {
            throw new DataException("The record has no key: a document needs one. Set primary.key.mode=record_value, or"
                    + " give records keys with the transform ValueToKey");
        }
        return ofObject(object(json(schema, key)));
    }

    /** The key in a record's key, if that is an object that has all the fields. */
    Optional<RowKey> named(@Nullable Schema schema, @Nullable Object key) {
        return key != null
                        && json(schema, key) instanceof ObjectNode object
                        && fields.stream().allMatch(object::has)
                ? Optional.of(ofObject(object))
                : Optional.empty();
    }

    /** Whether a key is all there is in a record's key, in whatever order. */
    boolean isWhole(RowKey taken, @Nullable Schema schema, @Nullable Object key) {
        // Read again, since numbers of one value may be of several kinds in a tree.
        return key != null && taken.values().equals(Json.parseObject(Json.text(object(json(schema, key)))));
    }

    /** The key in a document. */
    RowKey ofDocument(ObjectNode document) {
        return ofObject(document);
    }

    private static JsonNode json(@Nullable Schema schema, Object key) {
        if (key instanceof byte[] bytes) {
            return parsed(new String(bytes, StandardCharsets.UTF_8));
        }
        return key instanceof String text ? parsed(text) : ConnectJson.of(schema, key);
    }

    /** Text that is no JSON object is a key as it is. */
    private static JsonNode parsed(String text) {
        if (text.startsWith("{")) {
            try {
                return Json.parse(text);
            } catch (IllegalArgumentException e) {
                throw new DataException("The record's key begins as a JSON object and is none");
            }
        }
        return Json.object().textNode(text);
    }

    private ObjectNode object(JsonNode json) {
        if (json instanceof ObjectNode object) {
            ConnectJson.requireUnpacked("key.converter", object);
            return object;
        }
        ObjectNode named = Json.object();
        named.set(fields.isEmpty() ? UNNAMED : fields.get(0), json);
        return named;
    }

    private RowKey ofObject(ObjectNode object) {
        if (fields.isEmpty()) {
            requireNoNull(object);
            return new RowKey(Json.text(object));
        }
        ObjectNode key = Json.object();
        for (String field : fields) {
            JsonNode value = object.get(field);
            if (value == null) {
                throw new DataException("The key has no field '" + field + "' of primary.key.fields");
            }
            key.set(field, value);
        }
        requireNoNull(key);
        return new RowKey(Json.text(key));
    }

    private static void requireNoNull(ObjectNode key) {
        key.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                throw new DataException("The field '" + field.getKey() + "' of the key is null");
            }
        });
        if (key.isEmpty()) {
            throw new DataException("The key has no fields");
        }
    }
}
