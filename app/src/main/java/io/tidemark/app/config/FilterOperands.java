package io.tidemark.app.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.filter.Operand;
import io.tidemark.model.filter.Operand.ColumnOperand;
import io.tidemark.model.filter.Operand.Literal;
import io.tidemark.model.filter.Value;
import io.tidemark.model.filter.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.DoubleValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.SignedExpression;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import org.jspecify.annotations.Nullable;

/** Reads what a filter compares: columns of one table, and constants in the type of the column they are compared with. */
final class FilterOperands {

    /** Two operands that compare with each other. */
    record Pair(Operand left, Operand right) {}

    private final Relation relation;
    private final Function<String, Optional<String>> objection;

    /**
     * Of one table.
     *
     * @param objection what is wrong with a column of this name; empty when nothing is
     */
    FilterOperands(Relation relation, Function<String, Optional<String>> objection) {
        this.relation = relation;
        this.objection = objection;
    }

    /** Whether the table has a column of exactly this name. */
    boolean isColumn(String name) {
        return relation.column(name).isPresent();
    }

    /** A column that stands for a truth by itself. */
    ColumnOperand booleanColumn(Expression expression) {
        ColumnOperand column = comparableColumn(expression, expression);
        if (column.type() != ValueType.BOOLEAN) {
            throw new FilterRefusedException("column '" + column.name() + "' is " + typeOf(column)
                    + ", and only a boolean column is a condition by itself; compare it with something");
        }
        return column;
    }

    /** The name of a column of which only the value NULL is printed as JSON null. */
    String nullableColumn(Expression expression) {
        Column column = column(expression, expression);
        if (!FilterColumns.tellsNull(column)) {
            throw new FilterRefusedException(
                    "column '" + column.name() + "' is " + column.type()
                            + ", whose values IS NULL cannot be asked of: a row does not tell NULL from every other value there");
        }
        return column.name();
    }

    /** A column whose values can be compared. */
    ColumnOperand comparableColumn(Expression expression, Expression whole) {
        Column column = column(expression, whole);
        return ValueType.of(column)
                .map(type -> new ColumnOperand(column.name(), type))
                .orElseThrow(() -> new FilterRefusedException("column '" + column.name() + "' is " + column.type()
                        + ", which a filter cannot compare; it takes " + FilterColumns.COMPARABLE));
    }

    /** A column that LIKE can be asked of. */
    ColumnOperand patternColumn(Expression expression, Expression whole) {
        ColumnOperand column = comparableColumn(expression, whole);
        if (!column.type().takesPatterns()) {
            throw new FilterRefusedException("column '" + column.name() + "' is " + typeOf(column)
                    + ", and LIKE takes text, varchar and char(n) only");
        }
        return column;
    }

    /** Two operands, at least one of them a column, which gives the other its type. */
    Pair pair(Expression whole, Expression left, Expression right, boolean ordered) {
        boolean fromLeft = unwrapped(left) instanceof net.sf.jsqlparser.schema.Column;
        boolean fromRight = unwrapped(right) instanceof net.sf.jsqlparser.schema.Column;
        if (!fromLeft && !fromRight) {
            throw columnless(whole, left, right);
        }
        ColumnOperand column = comparableColumn(fromLeft ? left : right, whole);
        requireOrder(column, ordered, whole);
        if (fromLeft && fromRight) {
            return new Pair(column, alike(column, comparableColumn(right, whole), whole));
        }
        Literal constant = constant(column, fromLeft ? right : left);
        return fromLeft ? new Pair(column, constant) : new Pair(constant, column);
    }

    private FilterRefusedException columnless(Expression whole, Expression left, Expression right) {
        Expression neither = isConstant(left) ? right : left;
        String what = isConstant(neither)
                ? "'" + whole + "' compares no column of " + relation.table()
                : "'" + neither + "' in '" + whole + "' is neither a column nor a constant";
        return new FilterRefusedException(what + "; " + FilterParser.SUPPORTED);
    }

    private static boolean isConstant(Expression expression) {
        Expression bare = unwrapped(expression);
        return bare instanceof StringValue
                || bare instanceof NullValue
                || bare instanceof BooleanValue
                || number(bare) != null;
    }

    /** The constants of an IN. */
    List<Literal> listed(ColumnOperand column, List<? extends Expression> expressions) {
        List<Literal> values = new ArrayList<>();
        for (Expression expression : expressions) {
            Literal value = constant(column, expression);
            requireSameInLists(column, expression, value);
            values.add(value);
        }
        return values;
    }

    /** A constant that is text. */
    String text(Expression expression, Expression whole) {
        if (unwrapped(expression) instanceof StringValue string && isPlain(string)) {
            return string.getValue().replace("''", "'");
        }
        throw new FilterRefusedException(
                "expected a text in single quotes instead of '" + expression + "' in '" + whole + "'");
    }

    private Column column(Expression expression, Expression whole) {
        if (!(unwrapped(expression) instanceof net.sf.jsqlparser.schema.Column named)) {
            throw new FilterRefusedException("expected a column instead of '" + expression + "' in '" + whole + "'");
        }
        String name = FilterColumns.name(named);
        objection.apply(name).ifPresent(wrong -> {
            throw new FilterRefusedException(wrong);
        });
        return relation.column(name).orElseThrow();
    }

    private void requireOrder(ColumnOperand column, boolean ordered, Expression whole) {
        if (ordered && !column.type().ordered()) {
            String why = column.type() == ValueType.ENUM ? "the order of the labels" : "the column's collation";
            throw new FilterRefusedException("column '" + column.name() + "' is " + typeOf(column) + ", whose order"
                    + " depends on " + why + ", which Tidemark does not have: '" + whole + "'. It takes = <> IN"
                    + (column.type().takesPatterns() ? " LIKE" : ""));
        }
    }

    private ColumnOperand alike(ColumnOperand left, ColumnOperand right, Expression whole) {
        boolean otherEnum = left.type() == ValueType.ENUM && !typeOf(left).equals(typeOf(right));
        if (!left.type().comparesWith(right.type()) || otherEnum) {
            throw new FilterRefusedException("'" + whole + "' compares " + typeOf(left) + " with " + typeOf(right)
                    + "; columns compare with columns of the same type, integers and numeric with each other");
        }
        return right;
    }

    private Literal constant(ColumnOperand column, Expression expression) {
        Expression bare = unwrapped(expression);
        if (bare instanceof NullValue) {
            return Literal.NULL;
        }
        if (bare instanceof StringValue string && isPlain(string)) {
            return quoted(column, string.getValue().replace("''", "'"));
        }
        if (bare instanceof BooleanValue truth) {
            String text = truth.getValue() ? "TRUE" : "FALSE";
            return column.type() == ValueType.BOOLEAN
                    ? new Literal(column.type().ofText(text).orElseThrow(), text)
                    : misfit(column, text);
        }
        String number = number(bare);
        if (number == null) {
            throw new FilterRefusedException("'" + expression + "' is no constant: expected a number, a text in single"
                    + " quotes, TRUE, FALSE or NULL. A text takes the type of '" + column.name() + "' by itself");
        }
        Optional<Value> value = column.type().ofNumber(number);
        return value.isPresent() ? new Literal(value.get(), number) : misfit(column, number);
    }

    private Literal quoted(ColumnOperand column, String text) {
        Optional<Value> value = column.type().ofText(text);
        boolean noLabel = column.type() == ValueType.ENUM
                && !labels(relation.column(column.name()).orElseThrow()).contains(text);
        return value.isPresent() && !noLabel
                ? new Literal(value.get(), SqlIdentifiers.literal(text))
                : misfit(column, SqlIdentifiers.literal(text));
    }

    private Literal misfit(ColumnOperand column, String constant) {
        throw new FilterRefusedException(constant + " is no constant that '" + column.name() + "', " + typeOf(column)
                + ", can be compared with; it takes "
                + FilterColumns.constants(
                        column.type(), labels(relation.column(column.name()).orElseThrow())));
    }

    /**
     * In a list of several, PostgreSQL rounds unquoted numbers to real before it compares, otherwise it does not: only
     * numbers that real can hold mean the same in both.
     */
    private static void requireSameInLists(ColumnOperand column, Expression expression, Literal value) {
        boolean rounded = column.type() == ValueType.REAL
                && number(unwrapped(expression)) != null
                && value.constant() instanceof Value.Quantity exact
                && exact.amount().doubleValue() != exact.amount().floatValue();
        if (rounded) {
            throw new FilterRefusedException(value.sql() + " is no value of type real, so '" + column.name()
                    + "' equals it or not depending on how it is rounded; write '" + value.sql() + "' in quotes");
        }
    }

    private static @Nullable String number(Expression expression) {
        if (expression instanceof LongValue || expression instanceof DoubleValue) {
            return expression.toString();
        }
        boolean signed = expression instanceof SignedExpression sign
                && (sign.getExpression() instanceof LongValue || sign.getExpression() instanceof DoubleValue);
        return signed ? expression.toString().replace(" ", "") : null;
    }

    private static boolean isPlain(StringValue string) {
        return string.getPrefix() == null && "'".equals(string.getQuoteStr());
    }

    private static Expression unwrapped(Expression expression) {
        return expression instanceof ParenthesedExpressionList<?> list && list.size() == 1
                ? unwrapped(list.get(0))
                : expression;
    }

    private static List<String> labels(Column column) {
        List<String> labels = new ArrayList<>();
        if (column.detail().startsWith("{")) {
            for (JsonNode label : Json.parse(column.detail())) {
                labels.add(label.textValue());
            }
        }
        return labels;
    }

    private String typeOf(ColumnOperand column) {
        return relation.column(column.name()).orElseThrow().type();
    }
}
