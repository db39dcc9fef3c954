package io.tidemark.connect;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Finds what Debezium puts in the place of a large value that an update did not touch and PostgreSQL did not send. It is
 * no value: written, it would take the place of the one the source has.
 *
 * <p>Its forms are those of Debezium's UnchangedToastedPlaceholder, as JSON: text; bytes in each way Debezium prints them; lists
 * of one text, bytes or UUID; a list of its bytes as numbers; a map of it to itself, and the text of that map.
 */
public final class Placeholders {

    /** How Debezium is told bytes that are no text. */
    private static final String HEX = "hex:";

    /** As {@code unavailable.value.placeholder} may say it. */
    public static final ConfigDef.Validator VALIDATOR = ConfigDef.LambdaValidator.with(
            (name, value) -> {
                try {
                    bytes(String.valueOf(value));
                } catch (IllegalArgumentException e) {
                    throw new ConfigException(name, value, "behind hex: there are pairs of hexadecimal digits");
                }
            },
            () -> "text, or hex: and pairs of digits");

    private final byte[] bytes;
    private final String text;
    private final Set<String> texts;

    /** @param configured Debezium's {@code unavailable.value.placeholder} */
    public Placeholders(String configured) {
        this.bytes = bytes(configured);
        this.text = new String(bytes, StandardCharsets.UTF_8);
        this.texts = Stream.of(
                        text,
                        Base64.getEncoder().encodeToString(bytes),
                        Base64.getUrlEncoder().encodeToString(bytes),
                        HexFormat.of().formatHex(bytes),
                        // hstore as JSON, which is how Debezium gives it by default: as text, where no schema says so.
                        Json.text(Json.object().put(text, text)),
                        UUID.nameUUIDFromBytes(bytes).toString())
                .collect(Collectors.toSet());
    }

    private static byte[] bytes(String configured) {
        return configured.startsWith(HEX)
                ? HexFormat.of().parseHex(configured.substring(HEX.length()))
                : configured.getBytes(StandardCharsets.UTF_8);
    }

    /** The placeholder as text, which stands for it wherever there is text. */
    public String text() {
        return text;
    }

    /** The first top-level entry that holds one. */
    public Optional<String> find(JsonNode row) {
        return row.properties().stream()
                .filter(entry -> isOne(entry.getValue()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Whether a value of a converter's is one. */
    public boolean isOne(@Nullable Object value) {
        boolean possible = value instanceof String
                || value instanceof byte[]
                || value instanceof ByteBuffer
                || value instanceof Collection<?>
                || value instanceof Map<?, ?>;
        return possible && isOne(ConnectJson.of(null, value));
    }

    private boolean isOne(JsonNode value) {
        if (value.isTextual()) {
            return texts.contains(value.textValue());
        }
        if (value.isArray()) {
            return (value.size() == 1 && isOne(value.get(0))) || spells(value);
        }
        return value.isObject() && value.size() == 1 && value.has(text);
    }

    /** Of an array of numbers it is its bytes. */
    private boolean spells(JsonNode array) {
        if (array.size() != bytes.length || bytes.length == 0) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (!array.get(i).isIntegralNumber() || array.get(i).intValue() != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
