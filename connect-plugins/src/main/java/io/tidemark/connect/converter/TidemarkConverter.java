package io.tidemark.connect.converter;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.ConnectJson;
import io.tidemark.connect.PluginVersion;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.storage.Converter;
import org.jspecify.annotations.Nullable;

/**
 * Reads Tidemark's topics, which are JSON without schemas. Keys and values of change topics get the schema that
 * {@code <prefix>.relations} describes, in Debezium's envelope, so that sinks that need schemas can read them. With
 * {@code schemas.enable=false}, and of other topics, values are maps whose numbers keep every digit.
 */
public final class TidemarkConverter implements Converter {

    static final String PREFIX = "prefix";
    static final String SCHEMAS = "schemas.enable";
    static final String BOOTSTRAP = "bootstrap.servers";
    static final String CONSUMER = "consumer.";

    public static final ConfigDef CONFIG_DEF = new ConfigDef()
            .define(
                    SCHEMAS,
                    ConfigDef.Type.BOOLEAN,
                    true,
                    HIGH,
                    "Whether values have schemas; without, prefix and brokers are not needed.")
            .define(
                    PREFIX,
                    ConfigDef.Type.STRING,
                    "",
                    HIGH,
                    "kafka.prefix of tidemark.yml, the beginning of the topics' names.")
            .define(
                    BOOTSTRAP,
                    ConfigDef.Type.STRING,
                    "",
                    HIGH,
                    "The brokers that have <prefix>.relations. Other properties to reach them are given as consumer.<property>.")
            .define(
                    "converter.type",
                    ConfigDef.Type.STRING,
                    "value",
                    ConfigDef.ValidString.in("key", "value", "header"),
                    LOW,
                    "Set by the worker.");

    /** Of each description that was read. */
    private final IdentityHashMap<Relation, TableSchemas> schemas = new IdentityHashMap<>();

    private @Nullable RelationsTopic relations;
    private boolean isKey;

    @Override
    public void configure(Map<String, ?> given, boolean key) {
        AbstractConfig config = new AbstractConfig(CONFIG_DEF, given, false);
        isKey = key;
        if (config.getBoolean(SCHEMAS)) {
            Map<String, Object> client = new HashMap<>(config.originalsWithPrefix(CONSUMER));
            client.put(BOOTSTRAP, required(config, BOOTSTRAP));
            relations = new RelationsTopic(new Topics(required(config, PREFIX)), client);
        }
    }

    private static String required(AbstractConfig config, String name) {
        String value = config.getString(name);
        if (value.isEmpty()) {
            throw new ConfigException(name, value, "is needed to know the schemas; or set " + SCHEMAS + "=false");
        }
        return value;
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] value) {
        return toConnectData(topic, new RecordHeaders(), value);
    }

    @Override
    public SchemaAndValue toConnectData(String topic, Headers headers, byte @Nullable [] value) {
        if (value == null || value.length == 0) {
            return SchemaAndValue.NULL;
        }
        JsonNode json = parse(topic, value);
        Optional<TableSchemas> described = describing(topic, headers, json);
        if (described.isEmpty() || !(json instanceof ObjectNode object)) {
            return json.isTextual()
                    ? new SchemaAndValue(Schema.STRING_SCHEMA, json.textValue())
                    : new SchemaAndValue(null, ExactMap.of(json));
        }
        TableSchemas table = described.get();
        return isKey
                ? new SchemaAndValue(table.key(), table.key(object))
                : new SchemaAndValue(table.envelope(), table.envelope(object));
    }

    private static JsonNode parse(String topic, byte[] value) {
        try {
            return Json.parse(value);
        } catch (IllegalArgumentException e) {
            throw new DataException("A record of " + topic + " is not JSON", e);
        }
    }

    /** A row with a field nobody described yet came with its description; that one is read then. */
    private Optional<TableSchemas> describing(String topic, Headers headers, JsonNode json) {
        RelationsTopic open = relations;
        if (open == null) {
            return Optional.empty();
        }
        Header header = headers.lastHeader(Version.HEADER);
        Version version = header == null ? null : Version.decode(header.value());
        try {
            Optional<TableSchemas> known = open.of(topic, version).map(relation -> schemas(topic, relation));
            if (known.isPresent() && !known.get().describes(isKey ? json : json.path("after"))) {
                open.read();
                return open.of(topic, version).map(relation -> schemas(topic, relation));
            }
            return known;
        } catch (TidemarkException e) {
            throw new RetriableException(e.getMessage(), e);
        }
    }

    private TableSchemas schemas(String topic, Relation relation) {
        return schemas.computeIfAbsent(relation, any -> new TableSchemas(topic, relation));
    }

    /** As JSON without schema: what it reads. */
    @Override
    public byte @Nullable [] fromConnectData(String topic, @Nullable Schema schema, @Nullable Object value) {
        return value == null ? null : Json.bytes(ConnectJson.of(schema, value));
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
        if (relations != null) {
            relations.close();
        }
    }
}
