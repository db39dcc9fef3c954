package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.TreeMap;

/** Sum and average of numerics, digit for digit as PostgreSQL's: the sum has the most digits after the point of any. */
final class ExactSum {

    /** Of PostgreSQL's numeric: digits in base 10,000, at least 16 significant ones in a quotient, scale up to 1,000. */
    private static final int DIGITS = 4;

    private static final int MIN_SIGNIFICANT = 16;
    private static final int MAX_SCALE = 1_000;

    private BigDecimal sum = BigDecimal.ZERO;
    /** How many numbers have so many digits after the point. */
    private final TreeMap<Integer, Long> scales = new TreeMap<>();

    private long count;
    private long nans;
    private long infinities;
    private long negativeInfinities;

    void add(JsonNode value) {
        change(value, 1);
        if (value.isNumber()) {
            sum = sum.add(value.decimalValue());
        }
    }

    /** Takes out a value that was added. */
    void remove(JsonNode value) {
        change(value, -1);
        if (value.isNumber()) {
            sum = sum.subtract(value.decimalValue());
        }
    }

    private void change(JsonNode value, long by) {
        count += by;
        if (value.isNumber()) {
            scales.merge(value.decimalValue().scale(), by, (some, more) -> some + more == 0 ? null : some + more);
            return;
        }
        switch (value.textValue()) {
            case "NaN" -> nans += by;
            case "Infinity" -> infinities += by;
            case "-Infinity" -> negativeInfinities += by;
            default -> throw new IllegalArgumentException("Not a number: " + value);
        }
    }

    long count() {
        return count;
    }

    JsonNode sum() {
        return special(finite());
    }

    JsonNode average() {
        BigDecimal finite = finite();
        return special(finite.divide(BigDecimal.valueOf(count), quotientScale(finite), RoundingMode.HALF_UP));
    }

    /** Digits that only values had that are gone are zeros by now. */
    private BigDecimal finite() {
        return sum.setScale(scales.isEmpty() ? 0 : Math.max(0, scales.lastKey()), RoundingMode.UNNECESSARY);
    }

    private JsonNode special(BigDecimal finite) {
        if (nans > 0 || (infinities > 0 && negativeInfinities > 0)) {
            return TextNode.valueOf("NaN");
        }
        if (infinities > 0 || negativeInfinities > 0) {
            return TextNode.valueOf(infinities > 0 ? "Infinity" : "-Infinity");
        }
        return DecimalNode.valueOf(finite);
    }

    /** How PostgreSQL's {@code select_div_scale} (numeric.c) chooses the digits after the point. */
    private int quotientScale(BigDecimal dividend) {
        BigDecimal divisor = BigDecimal.valueOf(count);
        int weight = weight(dividend) - weight(divisor);
        if (firstDigit(dividend) <= firstDigit(divisor)) {
            weight--;
        }
        return Math.min(Math.max(MIN_SIGNIFICANT - weight * DIGITS, dividend.scale()), MAX_SCALE);
    }

    /** The power of 10,000 that the first digit other than 0 stands for. */
    private static int weight(BigDecimal value) {
        return value.signum() == 0 ? 0 : Math.floorDiv(value.precision() - value.scale() - 1, DIGITS);
    }

    private static int firstDigit(BigDecimal value) {
        return value.abs().movePointLeft(weight(value) * DIGITS).intValue();
    }
}
