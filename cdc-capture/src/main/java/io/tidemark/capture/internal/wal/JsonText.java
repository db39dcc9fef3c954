package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/**
 * A value of type json, which keeps the text it was given, as jsonb would have it.
 *
 * <p>What jsonb cannot hold is refused here as the server refuses it, also where it is hidden behind a later duplicate of
 * its key: the character U+0000, surrogates without their other half, numbers outside of numeric.
 */
final class JsonText {

    private static final int MAX_INTEGER_DIGITS = 131_072;
    private static final int MAX_SCALE = 16_383;
    private static final int MAX_EXPONENT = 1 << 30;
    private static final int MAX_EXPONENT_DIGITS = 10;

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** Parses a value of type json, which is known to be well-formed. */
    static JsonNode parse(String text) {
        new JsonText(text).requirePrintable();
        return RowDepth.parse(text);
    }

    private void requirePrintable() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                string();
            } else if (c == '-' || isDigit(c)) {
                number();
            } else {
                at++;
            }
        }
    }

    private void string() {
        at++;
        while (text.charAt(at) != '"') {
            if (text.charAt(at) != '\\') {
                at++;
            } else if (text.charAt(at + 1) != 'u') {
                at += 2;
            } else {
                escapedCharacter();
            }
        }
        at++;
    }

    private void escapedCharacter() {
        char first = hexadecimal();
        if (first == 0) {
            throw refused("\\u0000");
        }
        boolean paired = Character.isHighSurrogate(first)
                && text.startsWith("\\u", at)
                && Character.isLowSurrogate(hexadecimal());
        if (Character.isSurrogate(first) && !paired) {
            throw refused("half a surrogate pair");
        }
    }

    private char hexadecimal() {
        char value = (char) Integer.parseInt(text.substring(at + 2, at + 6), 16);
        at += 6;
        return value;
    }

    private void number() {
        int start = at;
        while (at < text.length() && isOfNumber(text.charAt(at))) {
            at++;
        }
        if (!fitsNumeric(text.substring(start, at))) {
            throw refused("a number beyond what numeric takes");
        }
    }

    /** As {@code numeric_in} has it: digits before and after the point are limited, and so is the exponent itself. */
    private static boolean fitsNumeric(String number) {
        int exponentAt = Math.max(number.indexOf('e'), number.indexOf('E'));
        if (exponentAt < 0 && number.length() <= MAX_SCALE) {
            return true;
        }
        if (exponentAt >= 0 && !isExponent(number.substring(exponentAt + 1))) {
            return false;
        }
        BigDecimal value = new BigDecimal(number);
        long integerDigits = (long) value.precision() - value.scale();
        return value.scale() <= MAX_SCALE && (value.signum() == 0 || integerDigits <= MAX_INTEGER_DIGITS);
    }

    private static boolean isExponent(String text) {
        String digits = text.replaceFirst("^[+-]?0*", "");
        return digits.isEmpty() || (digits.length() <= MAX_EXPONENT_DIGITS && Long.parseLong(digits) < MAX_EXPONENT);
    }

    private static boolean isOfNumber(char c) {
        return isDigit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static UnprintableValueException refused(String what) {
        return new UnprintableValueException(
                "a json value holds " + what + ", which to_jsonb refuses", UnprintableValueException.MEND);
    }
}
