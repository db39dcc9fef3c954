package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.definition.ValueOrder;

/** Compares values by their JSON as PostgreSQL compares the values themselves; see {@link ValueOrder}. NULL is none. */
final class JsonOrder {

    private static final int BEFORE_CHRIST = 1;

    private JsonOrder() {}

    static int compare(ValueOrder order, JsonNode left, JsonNode right) {
        return switch (order) {
            case NUMBER -> compareNumbers(left, right);
            case BOOLEAN -> Boolean.compare(left.booleanValue(), right.booleanValue());
            case TIME -> compareTimes(left.asText(), right.asText());
            case TEXT -> compareCodePoints(left.asText(), right.asText());
            case JSON -> compareAny(left, right);
        };
    }

    private static int compareNumbers(JsonNode left, JsonNode right) {
        return left.isNumber() && right.isNumber()
                ? left.decimalValue().compareTo(right.decimalValue())
                : Integer.compare(numberRank(left), numberRank(right));
    }

    /** Where a value stands: what is no number is text in JSON. */
    private static int numberRank(JsonNode value) {
        return switch (value.asText()) {
            case "-Infinity" -> -1;
            case "Infinity" -> 1;
            case "NaN" -> 2;
            default -> 0;
        };
    }

    /**
     * ISO 8601 within a year is in the order of its code points: a fraction's point comes after the end and the zone's
     * sign. Years have four digits or more, count down before Christ, and stand between the infinities.
     */
    private static int compareTimes(String left, String right) {
        int era = timeRank(left);
        int result = Integer.compare(era, timeRank(right));
        if (result != 0) {
            return result;
        }
        int leftYear = left.indexOf('-', 1);
        int rightYear = right.indexOf('-', 1);
        if (leftYear < 0 || rightYear < 0) {
            return 0;
        }
        int years = Integer.compare(
                Integer.parseInt(left.substring(0, leftYear)), Integer.parseInt(right.substring(0, rightYear)));
        if (years != 0) {
            return era == BEFORE_CHRIST ? -years : years;
        }
        return compareCodePoints(left.substring(leftYear), right.substring(rightYear));
    }

    private static int timeRank(String time) {
        if (time.endsWith("infinity")) {
            return time.startsWith("-") ? 0 : 3;
        }
        return time.endsWith(" BC") ? BEFORE_CHRIST : 2;
    }

    /** Numbers first, then what is text in JSON, NaN and the infinities of a domain too. */
    private static int compareAny(JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return left.decimalValue().compareTo(right.decimalValue());
        }
        if (left.isBoolean() && right.isBoolean()) {
            return Boolean.compare(left.booleanValue(), right.booleanValue());
        }
        if (left.isNumber() || right.isNumber()) {
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
