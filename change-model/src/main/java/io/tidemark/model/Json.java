package io.tidemark.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;

/** JSON as Tidemark reads and writes it: numbers keep every digit and their scale, in both directions. */
public final class Json {

    /** Containers in containers, more than capture lets into a topic, so that documents may nest rows further. */
    private static final int MAX_DEPTH = 2_000;

    private static final JsonMapper MAPPER = JsonMapper.builder(factory())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final ObjectReader WITHIN = MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    private static JsonFactory factory() {
        return JsonFactory.builder()
                // PostgreSQL's numeric has up to 147,455 digits; a row has up to 1 GB, and so has a name in it.
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNumberLength(200_000)
                        .maxStringLength(1_100_000_000)
                        .maxNameLength(1_100_000_000)
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .addDecorator((factory, generator) -> new PlainNumbers(generator))
                .build();
    }

    /** Writes decimals without exponents whatever their scale; Jackson's own switch for that ends at 9,999. */
    private static final class PlainNumbers extends JsonGeneratorDelegate {

        PlainNumbers(JsonGenerator generator) {
            super(generator, false);
        }

        @Override
        public void writeNumber(BigDecimal value) throws IOException {
            delegate.writeNumber(value.toPlainString());
        }
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    public static JsonNode parse(byte[] utf8) {
        try {
            return MAPPER.readTree(utf8);
        } catch (IOException e) {
            throw new IllegalArgumentException("Not JSON: " + e.getMessage(), e);
        }
    }

    public static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not JSON: " + e.getMessage(), e);
        }
    }

    /** Parses text that must be a JSON object. */
    public static ObjectNode parseObject(byte[] utf8) {
        return asObject(parse(utf8));
    }

    /** Parses text that must be a JSON object. */
    public static ObjectNode parseObject(String text) {
        return asObject(parse(text));
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not writable as JSON: " + e.getMessage(), e);
        }
    }

    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Not writable as JSON: " + e.getMessage(), e);
        }
    }

    /** Reads JSON token by token, for what is too large or too much to be built as a tree. */
    public static JsonParser parser(byte[] utf8) throws IOException {
        return MAPPER.createParser(utf8);
    }

    /** The value that begins at the parser's current token, as a tree. */
    public static JsonNode value(JsonParser parser) throws IOException {
        return WITHIN.readTree(parser);
    }

    /** Text that is equal for nodes that are the {@linkplain #same same}: object keys sorted, numbers in plain digits. */
    public static String canonical(JsonNode node) {
        return text(sorted(node));
    }

    private static JsonNode sorted(JsonNode node) {
        if (node.isArray()) {
            ArrayNode array = array();
            node.forEach(element -> array.add(sorted(element)));
            return array;
        }
        if (node.isObject()) {
            ObjectNode object = object();
            node.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(field -> object.set(field.getKey(), sorted(field.getValue())));
            return object;
        }
        return node;
    }

    /** Text for people: indented. */
    public static String pretty(JsonNode node) {
        return node.toPrettyString();
    }

    /**
     * Whether two nodes are the same jsonb with number scale: object keys in any order, array elements in order,
     * 1.10 and 1.1 different.
     */
    public static boolean same(JsonNode left, JsonNode right) {
        if (left.isObject() && right.isObject()) {
            return sameFields(left, right);
        }
        if (left.isArray() && right.isArray()) {
            return sameElements(left, right);
        }
        if (left.isNumber() && right.isNumber()) {
            return sameNumber(left.decimalValue(), right.decimalValue());
        }
        return left.equals(right);
    }

    private static boolean sameNumber(BigDecimal left, BigDecimal right) {
        return left.scale() == right.scale() && left.compareTo(right) == 0;
    }

    private static boolean sameFields(JsonNode left, JsonNode right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<String, JsonNode> field : left.properties()) {
            JsonNode other = right.get(field.getKey());
            if (other == null || !same(field.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameElements(JsonNode left, JsonNode right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!same(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static ObjectNode asObject(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException("Expected a JSON object, found " + node.getNodeType());
    }
}
