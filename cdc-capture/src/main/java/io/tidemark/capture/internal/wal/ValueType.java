package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How {@code to_jsonb} prints a type, given the type's text output in UTC with ISO dates and hex bytea. */
public sealed interface ValueType {

    /** The JSON that {@code to_jsonb} gives for this text. */
    JsonNode toJson(String text);

    /**
     * Prints that JSON.
     *
     * @param utf8 holds the text, from {@code from} to before {@code to}
     */
    default void print(byte[] utf8, int from, int to, JsonBuffer out) {
        out.append(Json.bytes(RowDepth.require(toJson(new String(utf8, from, to - from, StandardCharsets.UTF_8)))));
    }

    /** The same, of a value that may be NULL. */
    default JsonNode toJsonOrNull(@Nullable String text) {
        return text == null ? NullNode.getInstance() : toJson(text);
    }

    /** Integers, numeric and floats: JSON numbers at full precision; NaN and infinities as strings. */
    record Numeric() implements ValueType {

        /** Digits, sign and point that every long has room for. */
        private static final int LONGEST_LONG = 18;

        @Override
        public JsonNode toJson(String text) {
            char last = text.charAt(text.length() - 1);
            if (last < '0' || last > '9') {
                return TextNode.valueOf(text);
            }
            boolean exponent = text.indexOf('e') >= 0 || text.indexOf('E') >= 0;
            return exponent || text.length() > LONGEST_LONG
                    ? Json.parse(exponent ? plain(text) : text)
                    : shortNumber(text);
        }

        @Override
        public void print(byte[] utf8, int from, int to, JsonBuffer out) {
            if (isDecimal(utf8, from, to)) {
                out.append(utf8, from, to);
            } else {
                ValueType.super.print(utf8, from, to, out);
            }
        }

        /** Whether it is a JSON number already; -0 is not, which jsonb has as 0. */
        private static boolean isDecimal(byte[] utf8, int from, int to) {
            for (int i = from; i < to; i++) {
                boolean digit = utf8[i] >= '0' && utf8[i] <= '9';
                boolean zeroBelowZero = utf8[i] == '-' && utf8[i + 1] == '0' && to == i + 2;
                if (!digit && utf8[i] != '.' && (utf8[i] != '-' || zeroBelowZero)) {
                    return false;
                }
            }
            return true;
        }

        /** What parsing it as JSON gives, for a fifth of the cost. */
        private static JsonNode shortNumber(String text) {
            if (text.indexOf('.') >= 0) {
                return DecimalNode.valueOf(new BigDecimal(text));
            }
            long number = Long.parseLong(text);
            return number == (int) number ? IntNode.valueOf((int) number) : LongNode.valueOf(number);
        }

        private static String plain(String text) {
            return new BigDecimal(text).toPlainString();
        }
    }

    record Bool() implements ValueType {

        private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

        @Override
        public JsonNode toJson(String text) {
            return BooleanNode.valueOf(text.equals("t"));
        }

        @Override
        public void print(byte[] utf8, int from, int to, JsonBuffer out) {
            out.append(utf8[from] == 't' ? TRUE : FALSE);
        }
    }

    /** Types whose JSON is their text output as a string: text, uuid, inet, bytea, enums, ranges and most others. */
    record Plain() implements ValueType {
        @Override
        public JsonNode toJson(String text) {
            return TextNode.valueOf(text);
        }

        @Override
        public void print(byte[] utf8, int from, int to, JsonBuffer out) {
            out.appendString(utf8, from, to);
        }
    }

    /** {@code timestamp}: ISO 8601 with a T. */
    record Timestamp() implements ValueType {

        /** Bytes of a date with a year of four digits. */
        private static final int DATE = 10;

        @Override
        public JsonNode toJson(String text) {
            int space = text.indexOf(' ');
            boolean finite = space > 0 && Character.isDigit(text.charAt(0));
            return TextNode.valueOf(finite ? text.substring(0, space) + "T" + text.substring(space + 1) : text);
        }

        @Override
        public void print(byte[] utf8, int from, int to, JsonBuffer out) {
            if (isOfOurEra(utf8, from, to)) {
                printTo(utf8, from, to, out);
                out.append('"');
            } else {
                ValueType.super.print(utf8, from, to, out);
            }
        }

        /** As {@code 2024-01-02 03:04:05}, whatever follows; later years have more digits, earlier ones a BC. */
        static boolean isOfOurEra(byte[] utf8, int from, int to) {
            return to - from > DATE && utf8[from + DATE] == ' ' && utf8[to - 1] != 'C';
        }

        static void printTo(byte[] utf8, int from, int to, JsonBuffer out) {
            out.append('"');
            out.append(utf8, from, from + DATE);
            out.append('T');
            out.append(utf8, from + DATE + 1, to);
        }
    }

    /** {@code timestamptz}: ISO 8601 with a T and hours and minutes of the zone, which is UTC here. */
    record TimestampTz() implements ValueType {

        private static final byte[] MINUTES_OF_ZONE = ":00\"".getBytes(StandardCharsets.US_ASCII);

        @Override
        public JsonNode toJson(String text) {
            String iso = new Timestamp().toJson(text).textValue();
            return TextNode.valueOf(iso.replace("+00", "+00:00"));
        }

        @Override
        public void print(byte[] utf8, int from, int to, JsonBuffer out) {
            if (Timestamp.isOfOurEra(utf8, from, to)) {
                Timestamp.printTo(utf8, from, to, out);
                out.append(MINUTES_OF_ZONE);
            } else {
                ValueType.super.print(utf8, from, to, out);
            }
        }
    }

    /** json: itself, as far as jsonb can hold it. */
    record JsonAsWritten() implements ValueType {
        @Override
        public JsonNode toJson(String text) {
            return JsonText.parse(text);
        }
    }

    /** jsonb: itself. */
    record Jsonb() implements ValueType {
        @Override
        public JsonNode toJson(String text) {
            return RowDepth.parse(text);
        }
    }

    record Array(ValueType element, char delimiter) implements ValueType {
        @Override
        public JsonNode toJson(String text) {
            return ArrayText.parse(text, delimiter, element::toJson);
        }
    }

    /** int2vector and oidvector: arrays of one dimension whose text form is their elements with spaces between. */
    record Vector(ValueType element) implements ValueType {
        @Override
        public JsonNode toJson(String text) {
            ArrayNode array = Json.array();
            if (!text.isEmpty()) {
                for (String each : text.split(" ", -1)) {
                    array.add(element.toJson(each));
                }
            }
            return array;
        }
    }

    /** Composite types: objects of their attributes. */
    record Composite(List<Attribute> attributes) implements ValueType {

        public Composite {
            attributes = List.copyOf(attributes);
        }

        @Override
        public JsonNode toJson(String text) {
            return RecordText.parse(text, attributes);
        }
    }

    /** An attribute of a composite type. */
    record Attribute(String name, ValueType type) {}

    /** hstore: an object of strings and nulls, as its cast to json has it. */
    record Hstore() implements ValueType {
        @Override
        public JsonNode toJson(String text) {
            return HstoreText.parse(text);
        }
    }
}
