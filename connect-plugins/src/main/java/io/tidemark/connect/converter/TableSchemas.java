package io.tidemark.connect.converter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** The schemas of one description of a table, and values with them: key, row and Debezium's envelope. */
final class TableSchemas {

    private static final Schema SOURCE = SchemaBuilder.struct()
            .name("io.debezium.connector.postgresql.Source")
            .field("version", Schema.STRING_SCHEMA)
            .field("connector", Schema.STRING_SCHEMA)
            .field("name", Schema.STRING_SCHEMA)
            .field("ts_ms", Schema.INT64_SCHEMA)
            .field("snapshot", Schema.OPTIONAL_STRING_SCHEMA)
            .field("db", Schema.STRING_SCHEMA)
            .field("schema", Schema.STRING_SCHEMA)
            .field("table", Schema.STRING_SCHEMA)
            .field("txId", Schema.OPTIONAL_INT64_SCHEMA)
            .field("lsn", Schema.OPTIONAL_INT64_SCHEMA)
            .build();

    private final Relation relation;
    private final Map<String, ColumnType> types = new LinkedHashMap<>();
    private final Schema key;
    private final Schema row;
    private final Schema envelope;

    TableSchemas(String topic, Relation relation) {
        this.relation = relation;
        for (Column column : relation.columns()) {
            types.put(
                    column.name(), ColumnType.of(column, !relation.primaryKey().contains(column.name())));
        }
        SchemaBuilder keys = SchemaBuilder.struct().name(topic + ".Key");
        relation.primaryKey().forEach(name -> keys.field(name, type(name).schema()));
        this.key = keys.build();
        SchemaBuilder rows = SchemaBuilder.struct().name(topic + ".Value").optional();
        types.forEach((name, type) -> rows.field(name, type.schema()));
        this.row = rows.build();
        this.envelope = SchemaBuilder.struct()
                .name(topic + ".Envelope")
                .version(1)
                .field("before", row)
                .field("after", row)
                .field("source", SOURCE)
                .field("op", Schema.STRING_SCHEMA)
                .field("ts_ms", Schema.OPTIONAL_INT64_SCHEMA)
                .build();
    }

    private ColumnType type(String column) {
        return Objects.requireNonNull(types.get(column));
    }

    Schema key() {
        return key;
    }

    Schema envelope() {
        return envelope;
    }

    /** Whether every field of a row is described, or was before. */
    boolean describes(JsonNode row) {
        for (Map.Entry<String, JsonNode> field : row.properties()) {
            if (!types.containsKey(field.getKey()) && !relation.former().contains(field.getKey())) {
                return false;
            }
        }
        return true;
    }

    Struct key(ObjectNode json) {
        return struct(key, json);
    }

    Struct envelope(ObjectNode json) {
        Struct result = new Struct(envelope)
                .put("source", source(json.required("source")))
                .put("op", json.required("op").textValue())
                .put("ts_ms", json.path("ts_ms").longValue());
        // What the replica identity sends may be the key alone.
        result.put("before", rowOrNull(json.get("before")));
        result.put("after", rowOrNull(json.get("after")));
        return result;
    }

    private @Nullable Struct rowOrNull(@Nullable JsonNode json) {
        return json instanceof ObjectNode object ? struct(row, object) : null;
    }

    private Struct struct(Schema schema, ObjectNode json) {
        Struct struct = new Struct(schema);
        for (Field field : schema.fields()) {
            try {
                struct.put(field, type(field.name()).value(json.get(field.name())));
            } catch (RuntimeException e) {
                throw new DataException(
                        "The column '" + field.name() + "' of " + relation.table() + " holds what is no "
                                + relation.column(field.name())
                                        .map(Column::type)
                                        .orElse("value of its type"),
                        e);
            }
        }
        return struct;
    }

    private static Struct source(JsonNode json) {
        Struct source = new Struct(SOURCE);
        for (Field field : SOURCE.fields()) {
            JsonNode value = json.path(field.name());
            if (field.schema().type() == Schema.Type.INT64) {
                source.put(field, value.longValue());
            } else {
                source.put(field, value.asText(""));
            }
        }
        return source;
    }
}
