package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;

/**
 * Orders children as the generated SQL does: ascending, nulls last, numbers by value, text by code point
 * ({@code COLLATE "C"} in UTF-8).
 */
final class JsonOrder implements Comparator<JsonNode> {

    static final JsonOrder INSTANCE = new JsonOrder();

    private JsonOrder() {}

    /** Compares two JSON arrays of equal length, element by element. */
    @Override
    public int compare(JsonNode left, JsonNode right) {
        for (int i = 0; i < left.size(); i++) {
            int result = compareValues(left.get(i), right.get(i));
            if (result != 0) {
                return result;
            }
        }
        return 0;
    }

    private static int compareValues(JsonNode left, JsonNode right) {
        if (left.isNull() || right.isNull()) {
            return Boolean.compare(left.isNull(), right.isNull());
        }
        if (left.isNumber() && right.isNumber()) {
            return left.decimalValue().compareTo(right.decimalValue());
        }
        if (left.isBoolean() && right.isBoolean()) {
            return Boolean.compare(left.booleanValue(), right.booleanValue());
        }
        if (left.isNumber() || right.isNumber()) {
            // NaN and the infinities are text in JSON; PostgreSQL's generated order puts them after the numbers too.
            return Boolean.compare(right.isNumber(), left.isNumber());
        }
        return compareCodePoints(left.asText(), right.asText());
    }

    private static int compareCodePoints(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean sameKind = Character.isSurrogate(a) == Character.isSurrogate(b);
                return sameKind
                        ? Character.compare(a, b)
                        : Boolean.compare(Character.isSurrogate(a), Character.isSurrogate(b));
            }
        }
        return Integer.compare(left.length(), right.length());
    }
}
