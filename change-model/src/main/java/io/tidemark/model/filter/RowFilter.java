package io.tidemark.model.filter;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.filter.Operand.ColumnOperand;
import io.tidemark.model.filter.Operand.Literal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which rows of a table belong to a document: a predicate over the row's own columns. A row belongs when the predicate
 * is true; when it is false or unknown the row is as if it were absent, as behind {@code WHERE}.
 */
public sealed interface RowFilter {

    /** The filter that takes every row. */
    static RowFilter everyRow() {
        return new Constant(true);
    }

    /**
     * The predicate's truth.
     *
     * @param row as the topics hold it: what {@code to_jsonb} prints
     */
    Truth test(JsonNode row);

    /** The predicate as SQL, in parentheses where needed, columns qualified by the alias of their table. */
    String sql(String alias);

    /** Adds the columns the predicate looks at. */
    void addColumns(Set<String> columns);

    /** Whether this is {@link #everyRow()}, so that nothing need be asked of a row. */
    default boolean isEveryRow() {
        return equals(everyRow());
    }

    default boolean accepts(JsonNode row) {
        return test(row) == Truth.TRUE;
    }

    /** The columns the predicate looks at. */
    default Set<String> columns() {
        Set<String> columns = new LinkedHashSet<>();
        addColumns(columns);
        return columns;
    }

    /** {@code TRUE} or {@code FALSE}. */
    record Constant(boolean value) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            return Truth.of(value);
        }

        @Override
        public String sql(String alias) {
            return value ? "TRUE" : "FALSE";
        }

        @Override
        public void addColumns(Set<String> columns) {}
    }

    /** Every part. */
    record And(List<RowFilter> parts) implements RowFilter {

        public And {
            parts = List.copyOf(parts);
        }

        @Override
        public Truth test(JsonNode row) {
            return parts.stream().map(part -> part.test(row)).reduce(Truth.TRUE, Truth::and);
        }

        @Override
        public String sql(String alias) {
            return joined(parts, alias, " AND ");
        }

        @Override
        public void addColumns(Set<String> columns) {
            parts.forEach(part -> part.addColumns(columns));
        }
    }

    /** Any part. */
    record Or(List<RowFilter> parts) implements RowFilter {

        public Or {
            parts = List.copyOf(parts);
        }

        @Override
        public Truth test(JsonNode row) {
            return parts.stream().map(part -> part.test(row)).reduce(Truth.FALSE, Truth::or);
        }

        @Override
        public String sql(String alias) {
            return joined(parts, alias, " OR ");
        }

        @Override
        public void addColumns(Set<String> columns) {
            parts.forEach(part -> part.addColumns(columns));
        }
    }

    /** Negation; of unknown, unknown. */
    record Not(RowFilter part) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            return part.test(row).not();
        }

        @Override
        public String sql(String alias) {
            return "(NOT " + part.sql(alias) + ")";
        }

        @Override
        public void addColumns(Set<String> columns) {
            part.addColumns(columns);
        }
    }

    /** {@code IS TRUE}, {@code IS FALSE}, {@code IS UNKNOWN}: never unknown itself. */
    record Is(RowFilter part, Truth truth) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            return Truth.of(part.test(row) == truth);
        }

        @Override
        public String sql(String alias) {
            return "(" + part.sql(alias) + " IS " + truth + ")";
        }

        @Override
        public void addColumns(Set<String> columns) {
            part.addColumns(columns);
        }
    }

    /** A boolean column by itself. */
    record Flag(String column) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            Literal yes = new Literal(Value.truth(true), "TRUE");
            return new Comparison(new ColumnOperand(column, ValueType.BOOLEAN), Operator.EQUAL, yes).test(row);
        }

        @Override
        public String sql(String alias) {
            return Operand.columnSql(alias, column);
        }

        @Override
        public void addColumns(Set<String> columns) {
            columns.add(column);
        }
    }

    /** {@code IS NULL}, for types of which no other value is printed as JSON null. */
    record IsNull(String column) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            JsonNode value = row.get(column);
            return Truth.of(value == null || value.isNull());
        }

        @Override
        public String sql(String alias) {
            return "(" + Operand.columnSql(alias, column) + " IS NULL)";
        }

        @Override
        public void addColumns(Set<String> columns) {
            columns.add(column);
        }
    }

    /** How two values are compared. */
    enum Operator {
        EQUAL("="),
        UNEQUAL("<>"),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">=");

        private final String sql;

        Operator(String sql) {
            this.sql = sql;
        }

        /** Whether it asks for more than equality. */
        public boolean needsOrder() {
            return this != EQUAL && this != UNEQUAL;
        }

        private boolean holds(int comparison) {
            return switch (this) {
                case EQUAL -> comparison == 0;
                case UNEQUAL -> comparison != 0;
                case LESS -> comparison < 0;
                case LESS_OR_EQUAL -> comparison <= 0;
                case GREATER -> comparison > 0;
                case GREATER_OR_EQUAL -> comparison >= 0;
            };
        }
    }

    /** Two values compared; unknown when one of them is NULL. */
    record Comparison(Operand left, Operator operator, Operand right) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            Optional<Value> a = left.value(row);
            Optional<Value> b = right.value(row);
            return a.isEmpty() || b.isEmpty()
                    ? Truth.UNKNOWN
                    : Truth.of(operator.holds(Value.compare(a.get(), b.get())));
        }

        @Override
        public String sql(String alias) {
            return "(" + left.sql(alias) + " " + operator.sql + " " + rightSql(left, right, alias) + ")";
        }

        @Override
        public void addColumns(Set<String> columns) {
            addColumn(left, columns);
            addColumn(right, columns);
        }
    }

    /** {@code IS DISTINCT FROM}: NULL is like NULL and unlike everything else. */
    record Distinct(Operand left, Operand right) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            Optional<Value> a = left.value(row);
            Optional<Value> b = right.value(row);
            return a.isEmpty() || b.isEmpty()
                    ? Truth.of(a.isPresent() || b.isPresent())
                    : Truth.of(Value.compare(a.get(), b.get()) != 0);
        }

        @Override
        public String sql(String alias) {
            return "(" + left.sql(alias) + " IS DISTINCT FROM " + rightSql(left, right, alias) + ")";
        }

        @Override
        public void addColumns(Set<String> columns) {
            addColumn(left, columns);
            addColumn(right, columns);
        }
    }

    /** {@code IN}: like equality with any of the values. */
    record In(ColumnOperand column, List<Literal> values) implements RowFilter {

        public In {
            values = List.copyOf(values);
        }

        @Override
        public Truth test(JsonNode row) {
            return values.stream()
                    .map(value -> new Comparison(column, Operator.EQUAL, value).test(row))
                    .reduce(Truth.FALSE, Truth::or);
        }

        @Override
        public String sql(String alias) {
            return "(" + column.sql(alias) + " IN ("
                    + values.stream().map(Literal::sql).collect(Collectors.joining(", ")) + "))";
        }

        @Override
        public void addColumns(Set<String> columns) {
            columns.add(column.name());
        }
    }

    /** {@code LIKE}. */
    record Like(ColumnOperand column, LikePattern pattern) implements RowFilter {

        @Override
        public Truth test(JsonNode row) {
            return column.text(row).map(text -> Truth.of(pattern.matches(text))).orElse(Truth.UNKNOWN);
        }

        @Override
        public String sql(String alias) {
            return "(" + column.sql(alias) + " LIKE " + pattern.sql() + ")";
        }

        @Override
        public void addColumns(Set<String> columns) {
            columns.add(column.name());
        }
    }

    /**
     * Texts of columns are equal under every deterministic collation or under none; but PostgreSQL wants to be told one
     * when the columns have two.
     */
    private static String rightSql(Operand left, Operand right, String alias) {
        boolean texts = left instanceof ColumnOperand
                && right instanceof ColumnOperand column
                && column.type().takesPatterns();
        return right.sql(alias) + (texts ? " COLLATE \"C\"" : "");
    }

    private static void addColumn(Operand operand, Set<String> columns) {
        if (operand instanceof ColumnOperand column) {
            columns.add(column.name());
        }
    }

    private static String joined(List<RowFilter> parts, String alias, String by) {
        return parts.stream().map(part -> part.sql(alias)).collect(Collectors.joining(by, "(", ")"));
    }
}
