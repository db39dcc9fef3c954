package io.tidemark.model.filter;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.filter.Value.Band;
import io.tidemark.model.filter.Value.Letters;
import io.tidemark.model.filter.Value.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The PostgreSQL types a filter compares, each by the rules of that type. */
public enum ValueType {
    SMALLINT(Family.EXACT),
    INTEGER(Family.EXACT),
    BIGINT(Family.EXACT),
    NUMERIC(Family.EXACT),
    REAL(Family.FLOATING),
    DOUBLE(Family.FLOATING),
    BOOLEAN(Family.BOOLEAN),
    TEXT(Family.TEXT),
    /** {@code char(n)}: trailing spaces count for LIKE only. */
    PADDED(Family.PADDED),
    ENUM(Family.ENUM),
    UUID(Family.UUID),
    BYTEA(Family.BYTEA),
    DATE(Family.DATE),
    TIMESTAMP(Family.TIMESTAMP),
    TIMESTAMP_WITH_ZONE(Family.TIMESTAMP_WITH_ZONE);

    /** Types whose values compare with each other. */
    private enum Family {
        EXACT,
        FLOATING,
        BOOLEAN,
        TEXT,
        PADDED,
        ENUM,
        UUID,
        BYTEA,
        DATE,
        TIMESTAMP,
        TIMESTAMP_WITH_ZONE
    }

    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,20}");
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d{1,1000}(\\.\\d{0,1000})?|\\.\\d{1,1000})([eE][+-]?\\d{1,3})?");
    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
    private static final Pattern BYTEA_FORM = Pattern.compile("\\\\x([0-9a-fA-F]{2})*");

    private final Family family;

    ValueType(Family family) {
        this.family = family;
    }

    /** The type of a column's values; empty when values of that type cannot be compared here. */
    public static Optional<ValueType> of(Column column) {
        return switch (column.baseType()) {
            case "smallint" -> Optional.of(SMALLINT);
            case "integer" -> Optional.of(INTEGER);
            case "bigint" -> Optional.of(BIGINT);
            case "numeric" -> Optional.of(NUMERIC);
            case "real" -> Optional.of(REAL);
            case "double precision" -> Optional.of(DOUBLE);
            case "boolean" -> Optional.of(BOOLEAN);
            case "text", "character varying" -> Optional.of(TEXT);
            case "character", "bpchar" -> Optional.of(PADDED);
            case "uuid" -> Optional.of(UUID);
            case "bytea" -> Optional.of(BYTEA);
            case "date" -> Optional.of(DATE);
            case "timestamp without time zone" -> Optional.of(TIMESTAMP);
            case "timestamp with time zone" -> Optional.of(TIMESTAMP_WITH_ZONE);
            default -> isEnum(column) ? Optional.of(ENUM) : Optional.empty();
        };
    }

    /** Of the types that have a detail, arrays apart, only enums have an object: their labels. */
    private static boolean isEnum(Column column) {
        return column.detail().startsWith("{") && !column.type().endsWith("[]");
    }

    /** Whether less and greater are the same everywhere: of text they depend on the collation, of enums on the labels. */
    public boolean ordered() {
        return family != Family.TEXT && family != Family.PADDED && family != Family.ENUM;
    }

    public boolean takesPatterns() {
        return family == Family.TEXT || family == Family.PADDED;
    }

    public boolean isNumber() {
        return family == Family.EXACT || family == Family.FLOATING;
    }

    /** Whether a column of this type can be compared with a column of another; enums with the same enum only. */
    public boolean comparesWith(ValueType other) {
        return family == other.family;
    }

    /**
     * A value of a row as the topics hold it.
     *
     * @throws IllegalArgumentException when it is none of this type's
     */
    Value read(JsonNode json) {
        Optional<Value> value =
                switch (family) {
                    case EXACT, FLOATING -> number(json);
                    case BOOLEAN -> json.isBoolean() ? Optional.of(Value.truth(json.booleanValue())) : Optional.empty();
                    default -> json.isTextual() ? ofText(json.textValue()) : Optional.empty();
                };
        return value.orElseThrow(() -> new IllegalArgumentException(
                "A filter expects a value of type " + this + " and the row has another kind of value: the column's"
                        + " type was changed. Start again, so that the definition is checked against it"));
    }

    private Optional<Value> number(JsonNode json) {
        if (json.isTextual()) {
            return special(json.textValue());
        }
        if (!json.isNumber()) {
            return Optional.empty();
        }
        BigDecimal exact = json.decimalValue();
        return Optional.of(
                switch (this) {
                    case REAL -> Quantity.of((double) exact.floatValue());
                    case DOUBLE -> Quantity.of(exact.doubleValue());
                    default -> Quantity.of(exact);
                });
    }

    /**
     * The value of a quoted literal, which PostgreSQL takes for one of the column's type; empty for text that is none,
     * or that PostgreSQL might read otherwise: only plain forms are taken.
     */
    public Optional<Value> ofText(String text) {
        return switch (this) {
            case SMALLINT -> whole(text, Short.SIZE);
            case INTEGER -> whole(text, Integer.SIZE);
            case BIGINT -> whole(text, Long.SIZE);
            case NUMERIC -> special(text).or(() -> decimal(text).map(Quantity::of));
            case REAL -> special(text).or(() -> decimal(text).flatMap(exact -> fitting(exact, exact.floatValue())));
            case DOUBLE -> special(text).or(() -> decimal(text).flatMap(exact -> fitting(exact, exact.doubleValue())));
            case BOOLEAN -> truth(text);
            case TEXT, ENUM -> Optional.of(new Letters(text));
            case PADDED -> Optional.of(new Letters(withoutTrailingSpaces(text)));
            case UUID -> letters(text, UUID_FORM);
            case BYTEA -> letters(text, BYTEA_FORM);
            case DATE -> Moments.date(text);
            case TIMESTAMP -> Moments.timestamp(text);
            case TIMESTAMP_WITH_ZONE -> Moments.timestampWithZone(text);
        };
    }

    /**
     * The value of an unquoted number compared with a column of this type: exact, or a double even where the column is
     * real, as PostgreSQL has it; empty where it refuses the number, and for columns that are no numbers.
     */
    public Optional<Value> ofNumber(String text) {
        return switch (family) {
            case EXACT -> decimal(text).map(Quantity::of);
            case FLOATING -> decimal(text).flatMap(exact -> fitting(exact, exact.doubleValue()));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> whole(String text, int bits) {
        if (!WHOLE.matcher(text).matches()) {
            return Optional.empty();
        }
        BigInteger number = new BigInteger(text);
        return number.bitLength() < bits ? Optional.of(Quantity.of(new BigDecimal(number))) : Optional.empty();
    }

    private static Optional<BigDecimal> decimal(String text) {
        return DECIMAL.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
    }

    /** PostgreSQL refuses what becomes infinite or zero by rounding. */
    private static Optional<Value> fitting(BigDecimal exact, double rounded) {
        boolean lost = Double.isInfinite(rounded) || (rounded == 0 && exact.signum() != 0);
        return lost ? Optional.empty() : Optional.of(Quantity.of(rounded));
    }

    private static Optional<Value> special(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "nan" -> Optional.of(Quantity.special(Band.NAN));
            case "infinity" -> Optional.of(Quantity.special(Band.INFINITY));
            case "-infinity" -> Optional.of(Quantity.special(Band.NEGATIVE_INFINITY));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "t", "true" -> Optional.of(Value.truth(true));
            case "f", "false" -> Optional.of(Value.truth(false));
            default -> Optional.empty();
        };
    }

    /** Digits in lower case, whose order is that of the bytes. */
    private static Optional<Value> letters(String text, Pattern form) {
        return form.matcher(text).matches()
                ? Optional.of(new Letters(text.toLowerCase(Locale.ROOT)))
                : Optional.empty();
    }

    private static String withoutTrailingSpaces(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }
}
