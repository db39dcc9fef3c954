package io.tidemark.connect.transforms;

import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;

import io.tidemark.connect.Placeholders;
import io.tidemark.connect.PluginVersion;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fields away that hold Debezium's placeholder for a large value that PostgreSQL did not send, so that a writer
 * of partial updates (upserts that set the columns they are given) keeps the value it has. They are named in the header
 * {@code tidemark.unchanged}. A writer of whole documents must not be given such a record; Tidemark's sinks refuse it.
 */
public final class FillUnchanged<R extends ConnectRecord<R>> implements Transformation<R> {

    /** Header that names the fields that were taken away, with commas between. */
    public static final String HEADER = "tidemark.unchanged";

    static final String PLACEHOLDER = "unavailable.value.placeholder";

    public static final ConfigDef CONFIG_DEF = new ConfigDef()
            .define(
                    PLACEHOLDER,
                    ConfigDef.Type.STRING,
                    "__debezium_unavailable_value",
                    Placeholders.VALIDATOR,
                    MEDIUM,
                    "The placeholder, as the source connector's property of this name says it.");

    private static final String AFTER = "after";

    private Placeholders placeholders = new Placeholders("");

    @Override
    public void configure(Map<String, ?> given) {
        placeholders = new Placeholders(new AbstractConfig(CONFIG_DEF, given, false).getString(PLACEHOLDER));
    }

    @Override
    public R apply(R record) {
        Object value = record.value();
        Object row = Rows.isEnvelope(value) ? Rows.field(value, AFTER) : value;
        Set<String> unchanged = unchanged(row);
        if (unchanged.isEmpty()) {
            return record;
        }
        R filled = value instanceof Struct struct ? ofStruct(record, struct, unchanged) : ofMap(record, unchanged);
        filled.headers().addString(HEADER, String.join(",", unchanged));
        return filled;
    }

    private Set<String> unchanged(@Nullable Object row) {
        Set<String> names = new TreeSet<>();
        if (row instanceof Struct struct) {
            struct.schema().fields().stream()
                    .filter(field -> placeholders.isOne(struct.getWithoutDefault(field.name())))
                    .forEach(field -> names.add(field.name()));
        } else if (row instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if (placeholders.isOne(value)) {
                    names.add(String.valueOf(name));
                }
            });
        }
        return names;
    }

    private static <R extends ConnectRecord<R>> R ofStruct(R record, Struct value, Set<String> unchanged) {
        if (!Rows.isEnvelope(value)) {
            Struct row = without(value, unchanged);
            return Rows.withValue(record, row.schema(), row);
        }
        Struct after = without(value.getStruct(AFTER), unchanged);
        SchemaBuilder schema = builder(value.schema());
        value.schema()
                .fields()
                .forEach(field ->
                        schema.field(field.name(), field.name().equals(AFTER) ? after.schema() : field.schema()));
        Struct envelope = new Struct(schema.build());
        for (Field field : envelope.schema().fields()) {
            copy(field.name().equals(AFTER) ? after : value.getWithoutDefault(field.name()), field, envelope);
        }
        return Rows.withValue(record, envelope.schema(), envelope);
    }

    private static Struct without(Struct row, Set<String> unchanged) {
        SchemaBuilder schema = builder(row.schema());
        row.schema().fields().stream()
                .filter(field -> !unchanged.contains(field.name()))
                .forEach(field -> schema.field(field.name(), field.schema()));
        Struct left = new Struct(schema.build());
        left.schema().fields().forEach(field -> copy(row.getWithoutDefault(field.name()), field, left));
        return left;
    }

    /** Null stays null, and does not become the column's default. */
    private static void copy(@Nullable Object value, Field field, Struct to) {
        if (value != null) {
            to.put(field, value);
        }
    }

    private static SchemaBuilder builder(Schema schema) {
        SchemaBuilder builder = SchemaBuilder.struct().name(schema.name()).version(schema.version());
        return schema.isOptional() ? builder.optional() : builder;
    }

    private static <R extends ConnectRecord<R>> R ofMap(R record, Set<String> unchanged) {
        Map<String, @Nullable Object> value = copy(record.value());
        if (Rows.isEnvelope(value)) {
            Map<String, @Nullable Object> after = copy(value.get(AFTER));
            after.keySet().removeAll(unchanged);
            value.put(AFTER, after);
        } else {
            value.keySet().removeAll(unchanged);
        }
        return Rows.withValue(record, null, value);
    }

    private static Map<String, @Nullable Object> copy(@Nullable Object map) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        if (map instanceof Map<?, ?> given) {
            given.forEach((name, value) -> copy.put(String.valueOf(name), value));
        }
        return copy;
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
