package io.tidemark.connect.transforms;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.tidemark.connect.Placeholders;
import io.tidemark.connect.PluginVersion;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Drops, masks or hashes fields, nested ones too: in Debezium's envelopes {@code before.email} and {@code after.email}.
 * Tombstones pass, and so does what has none of the fields. Bytes, and JSON as text, may have them: they are refused, whole or
 * where a path goes on within them.
 */
public abstract class MaskFields<R extends ConnectRecord<R>> implements Transformation<R> {

    static final String FIELDS = "fields";
    static final String MODE = "mode";
    static final String REPLACEMENT = "replacement";
    static final String HASH_KEY = "hash.key";

    public static final ConfigDef CONFIG_DEF = new ConfigDef()
            .define(
                    FIELDS,
                    ConfigDef.Type.LIST,
                    ConfigDef.NO_DEFAULT_VALUE,
                    ConfigDef.LambdaValidator.with(MaskFields::requireSome, () -> "at least one"),
                    HIGH,
                    "Fields, with dots between a field and those within it; in lists each element is meant. They are hidden"
                            + " from what comes behind the transform, not from a dead letter queue, which gets refused"
                            + " records as they are in their topic.")
            .define(
                    MODE,
                    ConfigDef.Type.STRING,
                    "mask",
                    ConfigDef.ValidString.in("drop", "mask", "hash"),
                    HIGH,
                    "'drop' takes the field away; 'mask' puts text in its place; 'hash' puts its HMAC-SHA256 there, in hex,"
                            + " so that equal values stay equal. A masked or hashed field is text; null stays null.")
            .define(REPLACEMENT, ConfigDef.Type.STRING, "***", MEDIUM, "The text of mode=mask.")
            .define(
                    HASH_KEY,
                    ConfigDef.Type.PASSWORD,
                    null,
                    HIGH,
                    "The key of mode=hash. Who has it can find out which value a hash stands for, by trying.")
            .define(
                    FillUnchanged.PLACEHOLDER,
                    ConfigDef.Type.STRING,
                    "__debezium_unavailable_value",
                    Placeholders.VALIDATOR,
                    MEDIUM,
                    "The placeholder of a large value that PostgreSQL did not send, as the source connector's property of this"
                            + " name says it. It is nobody's data and is not masked, so that nobody takes it for a value.");

    private @Nullable MaskedTree tree;

    @Override
    public void configure(Map<String, ?> given) {
        AbstractConfig config = new AbstractConfig(CONFIG_DEF, given, false);
        tree = new MaskedTree(
                FieldPaths.of(config.getList(FIELDS)),
                masking(config),
                new Placeholders(config.getString(FillUnchanged.PLACEHOLDER)));
    }

    private static void requireSome(String name, @Nullable Object value) {
        if (!(value instanceof List<?> fields) || fields.isEmpty()) {
            throw new ConfigException(name, value, "name at least one field");
        }
    }

    private static Masking masking(AbstractConfig config) {
        return switch (config.getString(MODE)) {
            case "drop" -> new Masking.Drop();
            case "hash" -> hash(config.getPassword(HASH_KEY));
            default -> new Masking.Replace(config.getString(REPLACEMENT));
        };
    }

    private static Masking hash(@Nullable Password key) {
        if (key == null || key.value().isEmpty()) {
            throw new ConfigException(
                    HASH_KEY, key, "mode=hash needs a key: give it one, from a file by a config provider");
        }
        return Masking.Hash.with(key.value());
    }

    @Override
    public R apply(R record) {
        Object value = value(record);
        MaskedTree masked = tree;
        if (value == null || masked == null) {
            return record;
        }
        Schema schema = schema(record);
        return with(record, masked.schema(schema), masked.value(schema, value));
    }

    abstract @Nullable Schema schema(R record);

    abstract @Nullable Object value(R record);

    abstract R with(R record, @Nullable Schema schema, @Nullable Object value);

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

    /** Of records' keys. */
    public static final class Key<R extends ConnectRecord<R>> extends MaskFields<R> {

        @Override
        @Nullable
        Schema schema(R record) {
            return record.keySchema();
        }

        @Override
        @Nullable
        Object value(R record) {
            return record.key();
        }

        @Override
        R with(R record, @Nullable Schema schema, @Nullable Object value) {
            return record.newRecord(
                    record.topic(),
                    record.kafkaPartition(),
                    schema,
                    value,
                    record.valueSchema(),
                    record.value(),
                    record.timestamp(),
                    record.headers());
        }
    }

    /** Of records' values. */
    public static final class Value<R extends ConnectRecord<R>> extends MaskFields<R> {

        @Override
        @Nullable
        Schema schema(R record) {
            return record.valueSchema();
        }

        @Override
        @Nullable
        Object value(R record) {
            return record.value();
        }

        @Override
        R with(R record, @Nullable Schema schema, @Nullable Object value) {
            return Rows.withValue(record, schema, value);
        }
    }
}
