package io.tidemark.model.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * What {@link HashedTable} has PostgreSQL compute, for documents that stores hand out: the text that
 * jsonb has, and {@code hashtextextended} of it, which is Bob Jenkins's lookup3. Values that are not the same by
 * {@link Json#same} have different texts, those included that PostgreSQL would print alike or could not hold.
 */
public final class JsonbHash {

    private static final int INITIAL = 0x9e3779b9 + 3_923_095;
    private static final int BLOCK = 12;

    /** Of PostgreSQL's numeric; what somebody else wrote may have any. */
    private static final int MAX_SCALE = 16_383;

    /** Of names in jsonb: shorter ones first, then by their bytes. */
    private static final Comparator<String> ORDER = Comparator.<String>comparingInt(name -> utf8(name).length)
            .thenComparing(JsonbHash::utf8, Arrays::compareUnsigned);

    private int a;
    private int b;
    private int c;

    private JsonbHash(int length) {
        a = INITIAL + length;
        b = a;
        c = a;
    }

    /** The hash of a key. */
    public static long ofKey(RowKey key, Division division) {
        long hash = division.salt();
        for (JsonNode value : key.values()) {
            hash = hash(utf8(value.isTextual() ? value.textValue() : text(value)), hash);
        }
        return hash;
    }

    /** The hash of a document under a key with hash {@code seed}. */
    public static long of(JsonNode json, long seed) {
        return hash(utf8(text(json)), seed);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(JsonNode json) {
        StringBuilder out = new StringBuilder(256);
        append(json, out);
        return out.toString();
    }

    private static void append(JsonNode json, StringBuilder out) {
        if (json.isObject()) {
            appendObject(json, out);
        } else if (json.isArray()) {
            String separator = "[";
            for (JsonNode element : json) {
                out.append(separator);
                append(element, out);
                separator = ", ";
            }
            out.append(json.isEmpty() ? "[]" : "]");
        } else if (json.isTextual()) {
            appendText(json.textValue(), out);
        } else if (json.isBigDecimal()) {
            BigDecimal number = json.decimalValue();
            boolean plain = number.scale() >= 0 && number.scale() <= MAX_SCALE;
            out.append(plain ? number.toPlainString() : number.toString());
        } else {
            out.append(json.asText());
        }
    }

    private static void appendObject(JsonNode object, StringBuilder out) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        names.sort(ORDER);
        String separator = "{";
        for (String name : names) {
            out.append(separator);
            appendText(name, out);
            out.append(": ");
            append(object.path(name), out);
            separator = ", ";
        }
        out.append(names.isEmpty() ? "{}" : "}");
    }

    private static void appendText(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || isAlone(c, i, text)) {
                        out.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /** Half of a character, which has no bytes. */
    private static boolean isAlone(char c, int at, String text) {
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    static long hash(byte[] bytes, long seed) {
        return new JsonbHash(bytes.length).ofAll(bytes, seed);
    }

    private long ofAll(byte[] bytes, long seed) {
        if (seed != 0) {
            a += (int) (seed >>> Integer.SIZE);
            b += (int) seed;
            mix();
        }
        int at = 0;
        for (; bytes.length - at >= BLOCK; at += BLOCK) {
            a += word(bytes, at, 4);
            b += word(bytes, at + 4, 4);
            c += word(bytes, at + 8, 4);
            mix();
        }
        a += word(bytes, at, 4);
        b += word(bytes, at + 4, 4);
        c += word(bytes, at + 8, 3) << Byte.SIZE; // its lowest byte stands for the length
        finish();
        return ((long) b << Integer.SIZE) | Integer.toUnsignedLong(c);
    }

    private void mix() {
        a = (a - c) ^ Integer.rotateLeft(c, 4);
        c += b;
        b = (b - a) ^ Integer.rotateLeft(a, 6);
        a += c;
        c = (c - b) ^ Integer.rotateLeft(b, 8);
        b += a;
        a = (a - c) ^ Integer.rotateLeft(c, 16);
        c += b;
        b = (b - a) ^ Integer.rotateLeft(a, 19);
        a += c;
        c = (c - b) ^ Integer.rotateLeft(b, 4);
        b += a;
    }

    private void finish() {
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        c = (c ^ b) - Integer.rotateLeft(b, 24);
    }

    /** Little endian; zeros past the end. */
    private static int word(byte[] bytes, int at, int length) {
        int word = 0;
        for (int i = Math.min(length, bytes.length - at) - 1; i >= 0; i--) {
            word = (word << Byte.SIZE) | Byte.toUnsignedInt(bytes[at + i]);
        }
        return word;
    }
}
