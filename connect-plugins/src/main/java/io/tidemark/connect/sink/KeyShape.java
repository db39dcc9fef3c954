package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * What the keys of a target's documents are like: their fields, and the kind of JSON in each. A store takes a key of
 * another shape for one it has ({@code "1"} for {@code 1}, in Elasticsearch also another field's 1), though its versions may
 * be another partition's, or cannot name it at all.
 *
 * <p>What the configuration says decides, and what is not so is malformed. What it does not say, nobody knows: keys of two
 * shapes stop the task then, since either may be the wrong one. Not thread-safe.
 */
final class KeyShape {

    private static final String NUMBER = "a number";
    private static final String TEXT = "text";
    private static final String BOOLEAN = "a boolean";

    /** Of types that are one kind of JSON only. */
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("smallint", NUMBER),
            Map.entry("int2", NUMBER),
            Map.entry("integer", NUMBER),
            Map.entry("int", NUMBER),
            Map.entry("int4", NUMBER),
            Map.entry("bigint", NUMBER),
            Map.entry("int8", NUMBER),
            Map.entry("text", TEXT),
            Map.entry("varchar", TEXT),
            Map.entry("character varying", TEXT),
            Map.entry("char", TEXT),
            Map.entry("character", TEXT),
            Map.entry("citext", TEXT),
            Map.entry("uuid", TEXT),
            Map.entry("boolean", BOOLEAN),
            Map.entry("bool", BOOLEAN));

    private final Set<String> names;
    private final Map<String, String> kinds = new HashMap<>();
    /** Of the first key, what is not configured. */
    private @Nullable Map<String, String> first;

    /**
     * @param names of the fields; empty where nothing says them
     * @param types of PostgreSQL, of fields of which they are configured
     */
    KeyShape(Set<String> names, Map<String, String> types) {
        this.names = Set.copyOf(names);
        types.forEach((name, type) -> kindOf(type).ifPresent(kind -> kinds.put(name, kind)));
    }

    private static Optional<String> kindOf(String type) {
        String plain = type.toLowerCase(Locale.ROOT).replaceAll("\\(.*", "").strip();
        return Optional.ofNullable(KINDS.get(plain));
    }

    /**
     * Looks at a key.
     *
     * @throws DataException when it is not as it is configured
     * @throws ConnectException when two are not alike, and nothing is configured
     */
    void require(RowKey key) {
        Map<String, String> given = new TreeMap<>();
        values(key).properties().forEach(field -> given.put(field.getKey(), kind(field.getValue())));
        if (!names.isEmpty() && !given.keySet().equals(names)) {
            throw new DataException(
                    "The key has the fields " + given.keySet() + ", and those of the target's keys are " + names);
        }
        given.forEach(this::requireKind);
        given.keySet().removeAll(kinds.keySet());
        requireLikeFirst(key, given);
    }

    private static ObjectNode values(RowKey key) {
        try {
            return key.values();
        } catch (IllegalArgumentException e) {
            throw new DataException("The record's key is no JSON object");
        }
    }

    private void requireKind(String name, String kind) {
        String configured = kinds.getOrDefault(name, kind);
        if (!configured.equals(kind)) {
            throw new DataException("The field '" + name + "' of the key is " + kind + ", and "
                    + SinkKeys.PRIMARY_KEY_FIELDS + " says that it is " + configured);
        }
    }

    private void requireLikeFirst(RowKey key, Map<String, String> given) {
        if (first == null) {
            first = given;
        } else if (!first.equals(given)) {
            throw new ConnectException("Keys of two shapes, " + first + " and, as in " + key + ", " + given
                    + ": in the target one may stand in the other's place, and nothing says which is right. Say it in "
                    + SinkKeys.PRIMARY_KEY_FIELDS
                    + ", with types (id:bigint); the others are malformed then. If wrong ones"
                    + " came first, they are written: give the connector a new target, or delete them there");
        }
    }

    private static String kind(JsonNode value) {
        if (value.isNumber()) {
            return NUMBER;
        }
        if (value.isTextual()) {
            return TEXT;
        }
        return value.isBoolean() ? BOOLEAN : "no scalar";
    }
}
