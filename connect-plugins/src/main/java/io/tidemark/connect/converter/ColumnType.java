package io.tidemark.connect.converter;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * How values of a column of PostgreSQL are in Connect: with Debezium's names for what Connect has no type for, so that sinks
 * that know those know these. What has no better form is its text.
 *
 * @param schema of a value, which may be null unless it is in the key
 * @param of makes a value of JSON that is not null
 */
record ColumnType(Schema schema, Function<JsonNode, Object> of) {

    private static final String VARIABLE_DECIMAL = "io.debezium.data.VariableScaleDecimal";

    static ColumnType of(Column column, boolean optional) {
        String base = column.baseType();
        if (base.endsWith("[]")) {
            ColumnType element = scalar(base.substring(0, base.length() - 2), "", true);
            SchemaBuilder array = SchemaBuilder.array(element.schema());
            return new ColumnType(optional ? array.optional().build() : array.build(), json -> list(json, element));
        }
        return scalar(base, column.modifiers(), optional);
    }

    private static Object list(JsonNode json, ColumnType element) {
        List<@Nullable Object> values = new ArrayList<>();
        json.forEach(each -> values.add(element.value(each)));
        return values;
    }

    /** A value of JSON; null of null. */
    @Nullable
    Object value(@Nullable JsonNode json) {
        return json == null || json.isNull() ? null : of.apply(json);
    }

    private static ColumnType scalar(String type, String modifiers, boolean optional) {
        return switch (type) {
            case "smallint" ->
                type(SchemaBuilder.int16(), optional, json -> exact(json).shortValueExact());
            case "integer" ->
                type(SchemaBuilder.int32(), optional, json -> exact(json).intValueExact());
            case "bigint" ->
                type(SchemaBuilder.int64(), optional, json -> exact(json).longValueExact());
            case "real" -> type(SchemaBuilder.float32(), optional, ColumnType::single);
            case "double precision" -> type(SchemaBuilder.float64(), optional, ColumnType::fraction);
            case "boolean" -> type(SchemaBuilder.bool(), optional, JsonNode::booleanValue);
            case "numeric" -> decimal(modifiers, optional);
            case "bytea" -> type(SchemaBuilder.bytes(), optional, ColumnType::bytes);
            case "date" -> type(named(SchemaBuilder.int32(), "io.debezium.time.Date"), optional, ColumnType::days);
            case "time without time zone" ->
                type(named(SchemaBuilder.int64(), "io.debezium.time.MicroTime"), optional, ColumnType::microsOfDay);
            case "timestamp without time zone" ->
                type(named(SchemaBuilder.int64(), "io.debezium.time.MicroTimestamp"), optional, ColumnType::micros);
            case "timestamp with time zone" ->
                type(named(SchemaBuilder.string(), "io.debezium.time.ZonedTimestamp"), optional, JsonNode::textValue);
            case "uuid" -> type(named(SchemaBuilder.string(), "io.debezium.data.Uuid"), optional, JsonNode::textValue);
            case "json", "jsonb" -> type(named(SchemaBuilder.string(), "io.debezium.data.Json"), optional, Json::text);
            default -> type(SchemaBuilder.string(), optional, ColumnType::text);
        };
    }

    private static ColumnType type(SchemaBuilder schema, boolean optional, Function<JsonNode, Object> of) {
        return new ColumnType(optional ? schema.optional().build() : schema.build(), of);
    }

    private static SchemaBuilder named(SchemaBuilder schema, String name) {
        return schema.name(name).version(1);
    }

    /** With a scale of its own, where it is the column's; else each value says its own. NaN and infinity have neither. */
    private static ColumnType decimal(String modifiers, boolean optional) {
        if (modifiers.isEmpty()) {
            SchemaBuilder own = SchemaBuilder.struct()
                    .name(VARIABLE_DECIMAL)
                    .version(1)
                    .field("scale", Schema.INT32_SCHEMA)
                    .field("value", Schema.BYTES_SCHEMA);
            Schema schema = optional ? own.optional().build() : own.build();
            return new ColumnType(schema, json -> variable(schema, number(json)));
        }
        int comma = modifiers.indexOf(',');
        String precision = comma < 0 ? modifiers : modifiers.substring(0, comma);
        int scale =
                comma < 0 ? 0 : Integer.parseInt(modifiers.substring(comma + 1).strip());
        SchemaBuilder fixed = Decimal.builder(scale).parameter("connect.decimal.precision", precision.strip());
        return type(fixed, optional, json -> number(json).setScale(scale));
    }

    private static Struct variable(Schema schema, BigDecimal number) {
        return new Struct(schema)
                .put("scale", number.scale())
                .put("value", number.unscaledValue().toByteArray());
    }

    private static BigDecimal number(JsonNode json) {
        if (!json.isNumber()) {
            throw new NumberFormatException("'" + json.asText() + "' has no place among decimals");
        }
        return json.decimalValue();
    }

    private static BigInteger exact(JsonNode json) {
        return number(json).toBigIntegerExact();
    }

    private static Object single(JsonNode json) {
        return json.isNumber() ? (Object) json.floatValue() : Float.valueOf(json.textValue());
    }

    private static Object fraction(JsonNode json) {
        return json.isNumber() ? (Object) json.doubleValue() : Double.valueOf(json.textValue());
    }

    private static Object bytes(JsonNode json) {
        return HexFormat.of().parseHex(json.textValue().substring("\\x".length()));
    }

    private static Object days(JsonNode json) {
        return (int) LocalDate.parse(json.textValue()).toEpochDay();
    }

    private static Object microsOfDay(JsonNode json) {
        return LocalTime.parse(json.textValue()).toNanoOfDay() / 1_000;
    }

    private static Object micros(JsonNode json) {
        Instant instant = LocalDateTime.parse(json.textValue()).toInstant(ZoneOffset.UTC);
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static Object text(JsonNode json) {
        return json.isTextual() ? json.textValue() : Json.text(json);
    }
}
