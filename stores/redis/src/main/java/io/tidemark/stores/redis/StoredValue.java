package io.tidemark.stores.redis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.StoredDocument;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A document with what it says of itself, as its Redis string is: {@code {"_tidemark":42,"_tidemark_generation":3,"_tidemark_key":{"id":17},...}}.
 * Position and generation come first, since the script reads them there.
 */
final class StoredValue {

    private static final String GENERATION = Document.POSITION_FIELD + "_generation";
    private static final String KEY = Document.POSITION_FIELD + "_key";

    private final ObjectNode json;

    private StoredValue(ObjectNode json) {
        this.json = json;
    }

    static byte[] encode(RowKey key, Version version, int generation, DocumentBody body) {
        String head = "{\"" + Document.POSITION_FIELD + "\":" + version.position() + ",\"" + GENERATION + "\":"
                + generation + ",\"" + KEY + "\":" + key.json() + "}";
        return body.after(head.getBytes(StandardCharsets.UTF_8)).text();
    }

    /** What a stored document says of itself. */
    static ObjectNode head(RowKey key, Version version, int generation) {
        ObjectNode json = Json.object();
        json.put(Document.POSITION_FIELD, version.position());
        json.put(GENERATION, generation);
        json.set(KEY, key.values());
        return json;
    }

    /** A document with what it says of itself. */
    static StoredValue of(ObjectNode json) {
        return new StoredValue(json);
    }

    /** Reads what a key holds; what is no JSON object was written by somebody else and counts as an empty one. */
    static StoredValue decode(byte[] bytes) {
        try {
            return new StoredValue(Json.parseObject(bytes));
        } catch (IllegalArgumentException somebodyElses) {
            return new StoredValue(Json.object());
        }
    }

    /** The key it says it has. */
    Optional<RowKey> key() {
        return json.get(KEY) instanceof ObjectNode values
                ? Optional.of(new RowKey(Json.text(values)))
                : Optional.empty();
    }

    /** The generation it says it is of; 0 when it says none. */
    int generation() {
        return json.path(GENERATION).asInt();
    }

    /** As a reader of a generation sees it: another generation's position means nothing and counts as none. */
    StoredDocument document(RowKey key, int generation) {
        boolean ours = json.path(GENERATION).asInt() == generation;
        JsonNode position = json.path(Document.POSITION_FIELD);
        ObjectNode body = json.deepCopy();
        body.remove(List.of(Document.POSITION_FIELD, GENERATION, KEY));
        return new StoredDocument(key, ours ? position.asLong() : 0, body);
    }
}
