package io.tidemark.app.model;

import java.util.List;

/** Types of columns. Each has few values, so that rows meet. */
enum Kind {
    INTEGER("int", "99"),
    BIGINT("bigint", "9007199254740993"),
    NUMERIC("numeric", "99.9"),
    TEXT("text", "'spare'"),
    VARCHAR("varchar(20)", "'spare'"),
    BOOLEAN("boolean", "true"),
    DATE("date", "'2000-01-01'"),
    TIME("timestamptz", "'2000-01-01 00:00Z'");

    /** Those that keys are made of. */
    static final List<Kind> OF_KEYS = List.of(INTEGER, BIGINT, NUMERIC, TEXT, VARCHAR);

    private final String type;
    private final String spare;

    Kind(String type, String spare) {
        this.type = type;
        this.spare = spare;
    }

    private List<String> literals() {
        return switch (this) {
            case INTEGER -> List.of("1", "2", "3", "4", "5");
            case BIGINT -> List.of("1", "2", "3", "4", "-5");
            case NUMERIC -> List.of("1", "2.0", "2.50", "3", "-4.125");
            case TEXT -> List.of("'a'", "'ab'", "'B'", "'ä \"|%'", "''");
            case VARCHAR -> List.of("'a'", "'ab'", "'B'", "'it''s'");
            case BOOLEAN -> List.of("true", "false");
            case DATE -> List.of("'2024-02-29'", "'2024-03-01'", "'0044-03-15 BC'", "'infinity'");
            case TIME -> List.of("'2024-02-29 10:00:00.5Z'", "'2024-02-29 10:00:00Z'", "'10000-01-01 00:00Z'");
        };
    }

    String type() {
        return type;
    }

    /** A value as SQL writes it. */
    String value(Chance chance) {
        return chance.pick(literals());
    }

    /** One that {@link #value} never gives. */
    String spare() {
        return spare;
    }

    /** Whether columns of the two may be paired by a definition. */
    boolean joins(Kind other) {
        return isNumber() ? other.isNumber() : isText() ? other.isText() : this == other;
    }

    /** Has sums. */
    boolean isNumber() {
        return this == INTEGER || this == BIGINT || this == NUMERIC;
    }

    private boolean isText() {
        return this == TEXT || this == VARCHAR;
    }

    /** Something that a filter may say of a column. */
    String predicate(String column, Chance chance) {
        String value = value(chance);
        return switch (chance.between(0, 6)) {
            case 0 -> column + " IS NULL";
            case 1 -> column + " IS NOT NULL";
            case 2 -> column + " IN (" + value + ", " + value(chance) + ")";
            case 3 -> column + " <> " + value;
            case 4 -> isText() ? column + " LIKE 'a%'" : column + " < " + value;
            case 5 -> isText() ? column + " NOT LIKE '%b'" : column + " BETWEEN " + value(chance) + " AND " + value;
            default -> column + " = " + value;
        };
    }
}
