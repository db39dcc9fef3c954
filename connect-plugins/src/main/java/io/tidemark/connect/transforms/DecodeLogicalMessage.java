package io.tidemark.connect.transforms;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.PluginVersion;
import io.tidemark.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Makes an event of what {@code pg_logical_emit_message(true, prefix, json)} wrote in a transaction, an outbox without a
 * table: its topic, its key, its payload as JSON text, and headers, all from the JSON. Other records pass.
 */
public final class DecodeLogicalMessage<R extends ConnectRecord<R>> implements Transformation<R> {

    static final String PREFIXES = "prefixes";
    static final String TOPIC = "topic.format";
    static final String KEY = "key.field";
    static final String PAYLOAD = "payload.field";
    static final String HEADERS = "header.fields";

    public static final ConfigDef CONFIG_DEF = new ConfigDef()
            .define(
                    PREFIXES,
                    ConfigDef.Type.LIST,
                    List.of(),
                    MEDIUM,
                    "Prefixes of the messages that are events. Default: all. Others pass as they are.")
            .define(
                    TOPIC,
                    ConfigDef.Type.STRING,
                    "outbox.${prefix}",
                    HIGH,
                    "The event's topic. ${prefix} is the message's prefix, ${field} a field of its JSON.")
            .define(
                    KEY,
                    ConfigDef.Type.STRING,
                    "aggregate_id",
                    HIGH,
                    "Field of the JSON that is the event's key, as text.")
            .define(
                    PAYLOAD,
                    ConfigDef.Type.STRING,
                    "payload",
                    HIGH,
                    "Field of the JSON that is the event's value, as JSON text; empty for all of it.")
            .define(
                    HEADERS,
                    ConfigDef.Type.LIST,
                    List.of(),
                    MEDIUM,
                    "Fields of the JSON that become headers, as text; those that are missing are left out.");

    private static final String MESSAGE = "message";

    private List<String> prefixes = List.of();
    private String topic = "";
    private String key = "";
    private String payload = "";
    private List<String> headers = List.of();

    @Override
    public void configure(Map<String, ?> given) {
        AbstractConfig config = new AbstractConfig(CONFIG_DEF, given, false);
        prefixes = config.getList(PREFIXES);
        topic = config.getString(TOPIC);
        key = config.getString(KEY);
        payload = config.getString(PAYLOAD);
        headers = config.getList(HEADERS);
    }

    @Override
    public R apply(R record) {
        Object message = Rows.field(record.value(), MESSAGE);
        boolean is = Rows.text(record.value(), "op").equals("m") && message != null;
        String prefix = Rows.text(message, "prefix");
        return is && (prefixes.isEmpty() || prefixes.contains(prefix)) ? event(record, prefix, message) : record;
    }

    private R event(R record, String prefix, @Nullable Object message) {
        ObjectNode content = content(prefix, Rows.field(message, "content"));
        JsonNode value = payload.isEmpty() ? content : required(content, payload, prefix);
        return record.newRecord(
                topic(prefix, content),
                record.kafkaPartition(),
                Schema.STRING_SCHEMA,
                text(required(content, key, prefix)),
                value.isNull() ? null : Schema.STRING_SCHEMA,
                value.isNull() ? null : Json.text(value),
                record.timestamp(),
                headers(record, content));
    }

    private static ObjectNode content(String prefix, @Nullable Object content) {
        if (content == null) {
            throw new DataException(
                    "The logical message with prefix '" + prefix + "' has no content: it was too large");
        }
        try {
            return Json.parseObject(bytes(content));
        } catch (IllegalArgumentException e) {
            throw new DataException("The logical message with prefix '" + prefix
                    + "' is no JSON object: emit one, or name in 'prefixes' those that are events");
        }
    }

    /** Bytes with a schema, base64 without. */
    private static byte[] bytes(Object content) {
        if (content instanceof byte[] bytes) {
            return bytes;
        }
        if (content instanceof ByteBuffer buffer) {
            return StandardCharsets.UTF_8.decode(buffer.duplicate()).toString().getBytes(StandardCharsets.UTF_8);
        }
        return Base64.getDecoder().decode(String.valueOf(content));
    }

    private static JsonNode required(ObjectNode content, String field, String prefix) {
        JsonNode value = content.get(field);
        if (value == null) {
            throw new DataException("The logical message with prefix '" + prefix + "' has no field '" + field + "'");
        }
        return value;
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : Json.text(value);
    }

    private String topic(String prefix, ObjectNode content) {
        String name = topic.replace("${prefix}", prefix);
        for (Map.Entry<String, JsonNode> field : content.properties()) {
            name = name.replace("${" + field.getKey() + "}", text(field.getValue()));
        }
        if (name.contains("${")) {
            throw new DataException("The topic '" + topic + "' names a field that the logical message lacks");
        }
        return name;
    }

    /** Those the record has stay: a version among them fences what becomes of the event. */
    private Headers headers(R record, ObjectNode content) {
        Headers all = new ConnectHeaders(record.headers());
        for (String field : headers) {
            JsonNode value = content.get(field);
            if (value != null && !value.isNull()) {
                all.addString(field, text(value));
            }
        }
        return all;
    }

    @Override
    public ConfigDef config() {
        return CONFIG_DEF;
    }

    @Override
    public String version() {
        return PluginVersion.get();
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
