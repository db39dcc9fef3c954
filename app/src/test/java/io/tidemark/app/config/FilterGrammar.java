package io.tidemark.app.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random predicates over the table of {@link FilterMeaningIT}, as text. */
final class FilterGrammar {

    /**
     * Columns whose values compare with each other.
     *
     * @param quoted constants in quotes, which rows hold too
     * @param bare constants without quotes
     */
    record Kind(String type, List<String> columns, List<String> quoted, List<String> bare, boolean ordered) {

        static Kind of(String type, boolean ordered, String column, String... quoted) {
            return new Kind(type, List.of(column + "1", column + "2"), List.of(quoted), List.of(), ordered);
        }

        Kind withBare(List<String> constants) {
            return new Kind(type, columns, quoted, constants, ordered);
        }
    }

    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "+7",
            "1.1",
            "1.10",
            ".5",
            "5.",
            "0.1",
            "0.2",
            "1e2",
            "-3.5e-3",
            "32768",
            "16777217",
            "9007199254740993",
            "-9223372036854775808",
            "9223372036854775808",
            "123456789012345678901234567890.123");

    /** Those that real and double can hold and those that a list of real may have. */
    private static final List<String> HALVES = List.of("0", "-1", "0.5", "1.50", "16777216", "1e2");

    static final List<Kind> KINDS = List.of(
            Kind.of("smallint", true, "si", "0", "1", "-1", "7", "32767", "-32768")
                    .withBare(NUMBERS),
            Kind.of("integer", true, "i", "0", "1", "-1", "7", "2147483647", "-2147483648")
                    .withBare(NUMBERS),
            Kind.of("bigint", true, "l", "0", "1", "9007199254740993", "9223372036854775807", "-9223372036854775808")
                    .withBare(NUMBERS),
            Kind.of(
                            "numeric",
                            true,
                            "n",
                            "0",
                            "1.1",
                            "1.10",
                            "-0.0000001",
                            "NaN",
                            "Infinity",
                            "-Infinity",
                            "1e2",
                            "123456789012345678901234567890.123")
                    .withBare(NUMBERS),
            Kind.of("numeric(6,2)", true, "m", "0", "1.1", "1.10", "-5.55", "NaN")
                    .withBare(NUMBERS),
            Kind.of(
                            "real",
                            true,
                            "r",
                            "0.1",
                            "0.2",
                            "-0",
                            "1e-45",
                            "3.4028235e38",
                            "NaN",
                            "Infinity",
                            "-Infinity",
                            "16777216",
                            "0.5")
                    .withBare(NUMBERS),
            Kind.of(
                            "double precision",
                            true,
                            "d",
                            "0.1",
                            "0.30000000000000004",
                            "5e-324",
                            "1.7976931348623157e308",
                            "NaN",
                            "Infinity",
                            "-Infinity",
                            "9007199254740992",
                            "-0")
                    .withBare(NUMBERS),
            Kind.of("boolean", true, "b", "t", "f", "true", "false").withBare(List.of("TRUE", "FALSE", "true")),
            Kind.of(
                    "text", false, "t", "", "a", "A", "ab", "ab ", "a%b", "a_b", "a\\b", "it''s", "''", "ß", "ss",
                    "🌊x", "I", "ı", "é", "e\u0301"),
            Kind.of("varchar(4)", false, "v", "", "a", "ab", "a%b", "a_b", "\\", "🌊x", "x''x"),
            Kind.of("char(4)", false, "c", "", "a", "a  ", "ab", "ab  ", " a", "a%", "🌊"),
            Kind.of("mood", false, "e", "sad", "so-so", "it''s fine", "Sad"),
            Kind.of(
                    "uuid",
                    true,
                    "u",
                    "00000000-0000-0000-0000-000000000000",
                    "ffffffff-ffff-ffff-ffff-ffffffffffff",
                    "0000000A-0000-0000-0000-0000000000ab"),
            Kind.of("bytea", true, "y", "\\x", "\\x00", "\\x00fF", "\\xff", "\\x7f"),
            Kind.of(
                    "date",
                    true,
                    "day",
                    "2024-02-29",
                    "1970-01-01",
                    "0044-03-15 BC",
                    "4712-01-01 BC",
                    "infinity",
                    "-infinity",
                    "9999-12-31",
                    "10000-01-01",
                    "5874897-12-31"),
            Kind.of(
                    "timestamp",
                    true,
                    "ts",
                    "2024-01-31",
                    "2024-01-31 00:00:00",
                    "2024-01-31T23:59:59.999999",
                    "2024-01-31 23:59:59.5",
                    "2024-01-31 23:59",
                    "0044-03-15 10:00:00 BC",
                    "4712-01-01 BC",
                    "infinity",
                    "-infinity",
                    "294276-12-31 23:59:59.999999"),
            Kind.of(
                    "timestamp(3) with time zone",
                    true,
                    "tz",
                    "2024-01-31 00:00:00Z",
                    "2024-01-31 05:30:00+05:30",
                    "2024-01-30 16:00-08",
                    "2024-01-31T23:59:59.999999+0000",
                    "0044-03-15 10:00:00+01 BC",
                    "infinity",
                    "-infinity",
                    "294276-12-31 23:59:59+00",
                    "4712-01-01 00:00:00+00 BC"));

    private static final List<String> COMPARISONS = List.of("=", "<>", "!=", "<", "<=", ">", ">=");
    private static final String LETTERS = "ab%_\\ß🌊 !";

    private final Random random;

    FilterGrammar(Random random) {
        this.random = random;
    }

    /** A predicate in parentheses where its parts have parts. */
    String predicate(int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return simple();
        }
        return switch (random.nextInt(6)) {
            case 0 -> "NOT (" + predicate(depth - 1) + ")";
            case 1 -> "(" + predicate(depth - 1) + ") IS" + pick(" ", " NOT ") + pick("TRUE", "FALSE", "UNKNOWN");
            case 2, 3 -> "(" + predicate(depth - 1) + ") AND (" + predicate(depth - 1) + ")";
            default -> "(" + predicate(depth - 1) + ") or (" + predicate(depth - 1) + ")";
        };
    }

    /** Parts after each other without parentheses: what binds to what is for the reader to say. */
    String loose(int parts) {
        StringBuilder text = new StringBuilder(looseStart());
        for (int i = 1; i < parts; i++) {
            text.append(pick(" AND ", " OR ", " AND ", " or ", " AND ", " OR ", " = "))
                    .append(looseStart());
        }
        return text.toString();
    }

    private String looseStart() {
        boolean open = random.nextInt(4) == 0;
        return pick("", "NOT ", "NOT NOT ", "")
                + (open ? "(" : "")
                + simple()
                + pick("", "", "", " IS TRUE")
                + (open ? ")" : "")
                + pick("", "", "", " IS NOT FALSE");
    }

    private String simple() {
        Kind kind = KINDS.get(random.nextInt(KINDS.size()));
        String column = pick(kind.columns());
        return switch (random.nextInt(9)) {
            case 0 -> column + " IS" + pick(" ", " NOT ") + "NULL";
            case 1 -> column + " IS" + pick(" ", " NOT ") + "DISTINCT FROM " + other(kind);
            case 2 -> column + pick(" IN (", " NOT IN (") + list(kind) + ")";
            case 3 -> kind.ordered() ? between(kind, column) : like(column, kind);
            case 4 -> like(kind, column);
            case 5 -> constant(kind) + " " + comparison(kind) + " " + column;
            case 6 -> pick("b1", "B2", "\"b1\"", "true", "list IS NULL", "at IS NOT NULL", "\"Odd \"\"name\" = 'a'");
            default -> column + " " + comparison(kind) + " " + other(kind);
        };
    }

    private String like(Kind kind, String column) {
        boolean text = kind.type().equals("text")
                || kind.type().startsWith("varchar")
                || kind.type().startsWith("char");
        return text ? like(column, kind) : column + " " + comparison(kind) + " " + other(kind);
    }

    private String like(String column, Kind kind) {
        if (kind.type().equals("mood")) {
            return column + " = " + constant(kind);
        }
        StringBuilder pattern = new StringBuilder();
        int[] letters = LETTERS.codePoints().toArray();
        for (int i = random.nextInt(5); i > 0; i--) {
            pattern.appendCodePoint(letters[random.nextInt(letters.length)]);
        }
        return column + pick(" LIKE ", " NOT LIKE ") + "'" + pattern + pick("", "x") + "'"
                + pick("", "", " ESCAPE '!'", " ESCAPE ''", " ESCAPE '%'");
    }

    private String between(Kind kind, String column) {
        return column + pick(" BETWEEN ", " NOT BETWEEN ") + other(kind) + " AND " + other(kind);
    }

    private String comparison(Kind kind) {
        return kind.ordered() ? pick(COMPARISONS) : pick("=", "<>", "!=");
    }

    private String other(Kind kind) {
        return random.nextInt(4) == 0 ? pick(kind.columns()) : constant(kind);
    }

    private String list(Kind kind) {
        List<String> values = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            boolean bare = kind.type().equals("real") && random.nextBoolean();
            values.add(bare ? pick(HALVES) : kind.type().equals("real") ? quoted(kind) : constant(kind));
        }
        return String.join(", ", values);
    }

    private String constant(Kind kind) {
        if (random.nextInt(12) == 0) {
            return "NULL";
        }
        return !kind.bare().isEmpty() && random.nextBoolean() ? pick(kind.bare()) : quoted(kind);
    }

    private String quoted(Kind kind) {
        return "'" + pick(kind.quoted()) + "'";
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private String pick(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}
