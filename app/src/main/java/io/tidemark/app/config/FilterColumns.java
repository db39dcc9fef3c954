package io.tidemark.app.config;

import io.tidemark.model.Column;
import io.tidemark.model.filter.ValueType;
import java.util.List;
import java.util.Set;

/** What a filter may ask of columns, by their names and types. */
final class FilterColumns {

    static final String COMPARABLE =
            "integers, numeric, real, double precision, boolean, text, varchar, char(n), enums,"
                    + " uuid, bytea, date, timestamp and timestamptz";

    /** Words that PostgreSQL takes for something else than a column unless they are quoted. */
    private static final Set<String> RESERVED = Set.of(
            "all",
            "analyse",
            "analyze",
            "and",
            "any",
            "array",
            "as",
            "asc",
            "asymmetric",
            "both",
            "case",
            "cast",
            "check",
            "collate",
            "column",
            "constraint",
            "create",
            "current_catalog",
            "current_date",
            "current_role",
            "current_time",
            "current_timestamp",
            "current_user",
            "default",
            "deferrable",
            "desc",
            "distinct",
            "do",
            "else",
            "end",
            "except",
            "false",
            "fetch",
            "for",
            "foreign",
            "from",
            "grant",
            "group",
            "having",
            "in",
            "initially",
            "intersect",
            "into",
            "lateral",
            "leading",
            "limit",
            "localtime",
            "localtimestamp",
            "not",
            "null",
            "offset",
            "on",
            "only",
            "or",
            "order",
            "placing",
            "primary",
            "references",
            "returning",
            "select",
            "session_user",
            "some",
            "symmetric",
            "system_user",
            "table",
            "then",
            "to",
            "trailing",
            "true",
            "union",
            "unique",
            "user",
            "using",
            "variadic",
            "when",
            "where",
            "window",
            "with");

    /** More types of which NULL is the only value printed as JSON null; json has others, composites are NULL in parts. */
    private static final Set<String> TELL_NULL = Set.of(
            "name",
            "\"char\"",
            "citext",
            "xml",
            "time without time zone",
            "time with time zone",
            "interval",
            "bit",
            "bit varying",
            "money",
            "inet",
            "cidr",
            "macaddr",
            "macaddr8",
            "oid",
            "point",
            "line",
            "lseg",
            "box",
            "path",
            "polygon",
            "circle",
            "tsvector",
            "tsquery",
            "int4range",
            "int8range",
            "numrange",
            "daterange",
            "tsrange",
            "tstzrange");

    private FilterColumns() {}

    /** The column's name as PostgreSQL takes it: in lower case unless it is quoted. */
    static String name(net.sf.jsqlparser.schema.Column column) {
        String written = column.getColumnName();
        if (column.getTable() != null || column.getArrayConstructor() != null) {
            throw new FilterRefusedException("write " + written + " alone instead of " + column
                    + ": a filter sees one table, and no parts of values");
        }
        if (written.startsWith("\"")) {
            return written.substring(1, written.length() - 1).replace("\"\"", "\"");
        }
        String folded = inLowerCase(written);
        if (isReserved(folded) || Character.isDigit(folded.charAt(0))) {
            throw new FilterRefusedException("'" + written + "' is no column's name unless it stands in double quotes");
        }
        return folded;
    }

    /** Whether a name in lower case is a column's only if it is quoted. */
    static boolean isReserved(String name) {
        return RESERVED.contains(name);
    }

    /** As PostgreSQL folds names in UTF-8: letters of ASCII only. */
    static String inLowerCase(String name) {
        StringBuilder folded = new StringBuilder(name.length());
        name.chars().forEach(letter -> folded.append((char) (letter >= 'A' && letter <= 'Z' ? letter + 32 : letter)));
        return folded.toString();
    }

    /** Whether JSON null in a row is NULL there, and nothing else is. */
    static boolean tellsNull(Column column) {
        return ValueType.of(column).isPresent()
                || TELL_NULL.contains(column.baseType())
                || column.type().endsWith("[]");
    }

    /** The constants that a column of this type takes, for messages. */
    static String constants(ValueType type, List<String> labels) {
        return switch (type) {
            case SMALLINT, INTEGER, BIGINT -> "numbers such as 5, and whole ones of its range in quotes";
            case NUMERIC -> "numbers such as 1.5, 'NaN', 'Infinity' and '-Infinity'";
            case REAL, DOUBLE -> "numbers such as 1.5 that it can hold, 'NaN', 'Infinity' and '-Infinity'";
            case BOOLEAN -> "TRUE and FALSE";
            case TEXT, PADDED -> "text in single quotes";
            case ENUM -> "its labels in single quotes: " + String.join(", ", labels);
            case UUID -> "'00000000-0000-0000-0000-000000000000'";
            case BYTEA -> "pairs of hexadecimal digits such as '\\x00ff'";
            case DATE -> "'2024-01-31', '0044-03-15 BC', 'infinity' and '-infinity'";
            case TIMESTAMP -> "'2024-01-31', '2024-01-31 23:59:59.999999' without a zone, 'infinity' and '-infinity'";
            case TIMESTAMP_WITH_ZONE -> "'2024-01-31 23:59:59.999999+00:00' with its zone, 'infinity' and '-infinity'";
        };
    }
}
