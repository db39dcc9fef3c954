package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Sum and average of numerics, digit for digit as PostgreSQL's: the sum has the most digits after the point of any. */
final class ExactSum {

    /** Of PostgreSQL's numeric: digits in base 10,000, at least 16 significant ones in a quotient, scale up to 1,000. */
    private static final int DIGITS = 4;

    private static final int MIN_SIGNIFICANT = 16;
    private static final int MAX_SCALE = 1_000;

    private BigDecimal sum = BigDecimal.ZERO;
    private long count;
    private boolean nan;
    private boolean infinity;
    private boolean negativeInfinity;

    void add(JsonNode value) {
        count++;
        if (value.isNumber()) {
            sum = sum.add(value.decimalValue());
        } else {
            nan |= value.textValue().equals("NaN");
            infinity |= value.textValue().equals("Infinity");
            negativeInfinity |= value.textValue().equals("-Infinity");
        }
    }

    long count() {
        return count;
    }

    JsonNode sum() {
        return special(sum);
    }

    JsonNode average() {
        return special(sum.divide(BigDecimal.valueOf(count), quotientScale(), RoundingMode.HALF_UP));
    }

    private JsonNode special(BigDecimal finite) {
        if (nan || (infinity && negativeInfinity)) {
            return TextNode.valueOf("NaN");
        }
        if (infinity || negativeInfinity) {
            return TextNode.valueOf(infinity ? "Infinity" : "-Infinity");
        }
        return DecimalNode.valueOf(finite);
    }

    /** How PostgreSQL's {@code select_div_scale} (numeric.c) chooses the digits after the point. */
    private int quotientScale() {
        BigDecimal divisor = BigDecimal.valueOf(count);
        int weight = weight(sum) - weight(divisor);
        if (firstDigit(sum) <= firstDigit(divisor)) {
            weight--;
        }
        return Math.min(Math.max(MIN_SIGNIFICANT - weight * DIGITS, sum.scale()), MAX_SCALE);
    }

    /** The power of 10,000 that the first digit other than 0 stands for. */
    private static int weight(BigDecimal value) {
        return value.signum() == 0 ? 0 : Math.floorDiv(value.precision() - value.scale() - 1, DIGITS);
    }

    private static int firstDigit(BigDecimal value) {
        return value.abs().movePointLeft(weight(value) * DIGITS).intValue();
    }
}
