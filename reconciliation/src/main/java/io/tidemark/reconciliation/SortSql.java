package io.tidemark.reconciliation;

import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.SortColumn;
import java.util.stream.Collectors;

/** Writes the order of children, as the assembler has it, for ORDER BY. */
final class SortSql {

    private SortSql() {}

    /**
     * The order.
     *
     * @param table alias of the children's
     */
    static String order(Children many, String table) {
        return many.order().stream()
                .map(column -> term(many, column, table + "." + SqlIdentifiers.quote(column.column())))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private static String term(Children many, SortColumn column, String value) {
        String direction =
                (column.descending() ? " DESC" : "") + (column.nullsFirst() ? " NULLS FIRST" : " NULLS LAST");
        return switch (many.orderOf(column.column())) {
            case NUMBER, BOOLEAN, TIME -> value + direction;
            case TEXT -> value + " COLLATE \"C\"" + direction;
            case JSON -> byJson(column, "to_jsonb(" + value + ")");
        };
    }

    /**
     * By the value's JSON form, which is all the assembler has: numbers by value, then everything else by code point.
     * Each term is null where the other is not, so nulls go last or, descending, first by themselves.
     */
    private static String byJson(SortColumn column, String json) {
        String isNumber = "jsonb_typeof(" + json + ") = 'number'";
        String number = "CASE WHEN " + isNumber + " THEN " + json + "::numeric END";
        String text = "CASE WHEN NOT " + isNumber + " THEN " + json + " #>> '{}' END COLLATE \"C\"";
        String direction = column.descending() ? " DESC NULLS FIRST" : " NULLS LAST";
        String terms = number + direction + ", " + text + direction;
        if (column.nullsFirst() == column.descending()) {
            return terms;
        }
        return "(" + json + " #>> '{}') IS NULL" + (column.nullsFirst() ? " DESC, " : ", ") + terms;
    }
}
