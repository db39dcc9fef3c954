package io.tidemark.reconciliation;

import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.ValueOrder;

/** Writes an aggregate over children, as the assembler has it, as a scalar subquery. */
final class AggregateSql {

    private AggregateSql() {}

    /**
     * The subquery.
     *
     * @param rows the children, as FROM and WHERE
     * @param table their alias
     */
    static String of(Children many, Aggregate aggregate, String rows, String table) {
        String column = aggregate.column();
        if (column == null) {
            return "(SELECT count(*)" + rows + ")";
        }
        String value = table + "." + SqlIdentifiers.quote(column);
        return switch (aggregate.function()) {
            case COUNT, SUM, AVG -> "(SELECT " + aggregate.function().lowerCase() + "(" + value + ")" + rows + ")";
            case MIN, MAX ->
                "(SELECT " + value + rows + " AND " + value + " IS NOT NULL ORDER BY "
                        + order(many, aggregate.function(), column, value) + " LIMIT 1)";
        };
    }

    /** min() and max() choose any of 1.0 and 1.00, and compare text by the column's collation. */
    private static String order(Children many, Function function, String column, String value) {
        String direction = function == Function.MAX ? " DESC" : "";
        if (many.orderOf(column) == ValueOrder.TEXT) {
            return value + " COLLATE \"C\"" + direction;
        }
        boolean scaled = many.node()
                .relation()
                .column(column)
                .map(found -> found.baseType().equals("numeric"))
                .orElse(false);
        return value + direction + (scaled ? ", scale(" + value + ")" : "");
    }
}
