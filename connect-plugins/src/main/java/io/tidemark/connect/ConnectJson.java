package io.tidemark.connect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * What converters made of a record, as JSON: decimals keep their digits and scale, bytes are base64, Connect's own times
 * are ISO 8601. Times of Debezium's are the numbers they came as.
 */
public final class ConnectJson {

    private static final String DEBEZIUM_JSON = "io.debezium.data.Json";
    private static final String DEBEZIUM_DECIMAL = "io.debezium.data.VariableScaleDecimal";

    private ConnectJson() {}

    /**
     * A value as JSON.
     *
     * @param schema null where the converter gave none
     * @throws DataException when it is nothing JSON has
     */
    public static JsonNode of(@Nullable Schema schema, @Nullable Object value) {
        if (value == null) {
            return NullNode.getInstance();
        }
        if (value instanceof Struct struct) {
            return ofStruct(struct);
        }
        if (value instanceof Map<?, ?> map) {
            return ofMap(schema, map);
        }
        if (value instanceof Collection<?> list) {
            return ofList(schema, list);
        }
        return scalar(schema, value);
    }

    private static JsonNode ofStruct(Struct struct) {
        if (DEBEZIUM_DECIMAL.equals(struct.schema().name())) {
            return DecimalNode.valueOf(
                    new BigDecimal(new BigInteger(struct.getBytes("value")), struct.getInt32("scale")));
        }
        ObjectNode json = Json.object();
        for (Field field : struct.schema().fields()) {
            // Null is a value: Struct.get gives a column's default in its place.
            json.set(field.name(), of(field.schema(), struct.getWithoutDefault(field.name())));
        }
        return json;
    }

    private static JsonNode ofMap(@Nullable Schema schema, Map<?, ?> map) {
        Schema values = schema == null ? null : schema.valueSchema();
        ObjectNode json = Json.object();
        map.forEach((name, value) -> json.set(String.valueOf(name), of(values, value)));
        return json;
    }

    private static ArrayNode ofList(@Nullable Schema schema, Collection<?> list) {
        Schema elements = schema == null ? null : schema.valueSchema();
        ArrayNode json = Json.array();
        list.forEach(element -> json.add(of(elements, element)));
        return json;
    }

    private static JsonNode scalar(@Nullable Schema schema, Object value) {
        if (value instanceof String text) {
            return schema != null && DEBEZIUM_JSON.equals(schema.name()) ? parsed(text) : TextNode.valueOf(text);
        }
        if (value instanceof Boolean flag) {
            return BooleanNode.valueOf(flag);
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof byte[] bytes) {
            return base64(ByteBuffer.wrap(bytes));
        }
        if (value instanceof ByteBuffer bytes) {
            return base64(bytes.duplicate());
        }
        if (value instanceof Date date) {
            return TextNode.valueOf(time(schema, date.toInstant()));
        }
        throw new DataException("A value of " + value.getClass().getName() + " has no JSON");
    }

    private static JsonNode parsed(String text) {
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException e) {
            return TextNode.valueOf(text);
        }
    }

    private static JsonNode number(Number number) {
        if (number instanceof BigDecimal decimal) {
            return DecimalNode.valueOf(decimal);
        }
        if (number instanceof BigInteger integer) {
            return BigIntegerNode.valueOf(integer);
        }
        if (number instanceof Float single) {
            return single.isInfinite() || single.isNaN()
                    ? TextNode.valueOf(single.toString())
                    : FloatNode.valueOf(single);
        }
        if (number instanceof Double fraction) {
            boolean none = fraction.isInfinite() || fraction.isNaN();
            return none ? TextNode.valueOf(fraction.toString()) : DoubleNode.valueOf(fraction);
        }
        return LongNode.valueOf(number.longValue());
    }

    private static TextNode base64(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return TextNode.valueOf(Base64.getEncoder().encodeToString(copy));
    }

    private static String time(@Nullable Schema schema, Instant instant) {
        String name = schema == null ? Timestamp.LOGICAL_NAME : schema.name();
        if (org.apache.kafka.connect.data.Date.LOGICAL_NAME.equals(name)) {
            return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
        }
        if (Time.LOGICAL_NAME.equals(name)) {
            return LocalTime.ofInstant(instant, ZoneOffset.UTC).toString();
        }
        return instant.toString();
    }

    /**
     * Refuses what JsonConverter writes around a value with its schema, where nobody took it off.
     *
     * @param converter {@code key.converter} or {@code value.converter}
     * @throws ConnectException when a connector is configured so
     */
    public static void requireUnpacked(String converter, ObjectNode object) {
        JsonNode schema = object.path("schema");
        boolean packed = object.size() == 2
                && object.has("payload")
                && (schema.isNull() || schema.path("type").isTextual());
        if (packed) {
            throw new ConnectException(
                    "A record has its schema beside its payload, as JsonConverter writes it with schemas. Set "
                            + converter + "=org.apache.kafka.connect.json.JsonConverter and " + converter
                            + ".schemas.enable=true");
        }
    }

    /**
     * Whether a number in a value may have lost digits on its way: floating point, where PostgreSQL's JSON has decimals, and
     * integers of 64 bits, into which JsonConverter fits any. Those of TidemarkConverter have no bounds.
     */
    public static boolean isRounded(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.values().stream().anyMatch(ConnectJson::isRounded);
        }
        if (value instanceof Collection<?> list) {
            return list.stream().anyMatch(ConnectJson::isRounded);
        }
        return value instanceof Number && !(value instanceof BigDecimal) && !(value instanceof BigInteger);
    }
}
