package io.tidemark.connect.transforms;

import io.tidemark.connect.Placeholders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.cache.LRUCache;
import org.apache.kafka.common.cache.SynchronizedCache;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Applies a masking along paths, to values with schemas and without. What it is given stays as it is. */
final class MaskedTree {

    private static final int SCHEMAS = 64;

    private final FieldPaths paths;
    private final Masking masking;
    private final Placeholders placeholders;
    private final SynchronizedCache<Schema, Schema> schemas = new SynchronizedCache<>(new LRUCache<>(SCHEMAS));

    MaskedTree(FieldPaths paths, Masking masking, Placeholders placeholders) {
        this.paths = paths;
        this.masking = masking;
        this.placeholders = placeholders;
    }

    /** The schema of masked values; null of null. */
    @Nullable
    Schema schema(@Nullable Schema schema) {
        if (schema == null) {
            return null;
        }
        Schema known = schemas.get(schema);
        if (known == null) {
            known = schema(schema, paths);
            schemas.put(schema, known);
        }
        return known;
    }

    private Schema schema(Schema schema, FieldPaths at) {
        if (schema.type() == Schema.Type.ARRAY) {
            return like(SchemaBuilder.array(schema(schema.valueSchema(), at)), schema);
        }
        if (schema.type() != Schema.Type.STRUCT) {
            return schema;
        }
        SchemaBuilder masked = SchemaBuilder.struct();
        for (Field field : schema.fields()) {
            if (!at.endsAt(field.name())) {
                FieldPaths under = at.under(field.name());
                masked.field(field.name(), under == null ? field.schema() : schema(field.schema(), under));
            } else if (!(masking instanceof Masking.Drop)) {
                boolean mayBeNull =
                        field.schema().isOptional() || field.schema().defaultValue() != null;
                masked.field(field.name(), mayBeNull ? Schema.OPTIONAL_STRING_SCHEMA : Schema.STRING_SCHEMA);
            }
        }
        return like(masked, schema);
    }

    /** Without the default, which may hold what is masked. */
    private static Schema like(SchemaBuilder builder, Schema schema) {
        builder.name(schema.name()).version(schema.version()).doc(schema.doc());
        if (schema.parameters() != null) {
            builder.parameters(schema.parameters());
        }
        return schema.isOptional() ? builder.optional().build() : builder.build();
    }

    /** A masked value. */
    @Nullable
    Object value(@Nullable Schema schema, @Nullable Object value) {
        return value(schema(schema), value, paths);
    }

    private @Nullable Object value(@Nullable Schema masked, @Nullable Object value, FieldPaths at) {
        if (value instanceof Struct struct && masked != null) {
            return struct(masked, struct, at);
        }
        if (value instanceof Map<?, ?> map) {
            return map(map, at);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> elements = new ArrayList<>();
            Schema element = masked == null ? null : masked.valueSchema();
            list.forEach(each -> elements.add(value(element, each, at)));
            return elements;
        }
        if (!placeholders.isOne(value)) {
            Rows.requireRead("MaskFields", value);
        }
        return value;
    }

    /** A placeholder is nobody's data. Masked, it would be taken for the value that it stands for, and be written. */
    private String masked(@Nullable Schema schema, Object value) {
        return placeholders.isOne(value) ? placeholders.text() : masking.apply(schema, value);
    }

    private Struct struct(Schema masked, Struct struct, FieldPaths at) {
        Struct result = new Struct(masked);
        for (Field field : masked.fields()) {
            Object value = struct.getWithoutDefault(field.name());
            FieldPaths under = at.under(field.name());
            if (value == null) {
                // It stays null, which a field with a default may be, and may not be given.
                continue;
            }
            if (at.endsAt(field.name())) {
                Schema was = struct.schema().field(field.name()).schema();
                result.put(field, masked(was, value));
            } else {
                result.put(field, under == null ? value : value(field.schema(), value, under));
            }
        }
        return result;
    }

    private Map<String, @Nullable Object> map(Map<?, ?> map, FieldPaths at) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            String name = String.valueOf(key);
            FieldPaths under = at.under(name);
            if (!at.endsAt(name)) {
                result.put(name, under == null ? value : value(null, value, under));
            } else if (!(masking instanceof Masking.Drop)) {
                result.put(name, value == null ? null : masked(null, value));
            }
        });
        return result;
    }
}
