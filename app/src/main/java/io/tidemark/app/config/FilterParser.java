package io.tidemark.app.config;

import io.tidemark.model.filter.LikePattern;
import io.tidemark.model.filter.Operand.ColumnOperand;
import io.tidemark.model.filter.RowFilter;
import io.tidemark.model.filter.RowFilter.And;
import io.tidemark.model.filter.RowFilter.Comparison;
import io.tidemark.model.filter.RowFilter.Constant;
import io.tidemark.model.filter.RowFilter.Distinct;
import io.tidemark.model.filter.RowFilter.Flag;
import io.tidemark.model.filter.RowFilter.In;
import io.tidemark.model.filter.RowFilter.Is;
import io.tidemark.model.filter.RowFilter.IsNull;
import io.tidemark.model.filter.RowFilter.Like;
import io.tidemark.model.filter.RowFilter.Not;
import io.tidemark.model.filter.RowFilter.Operator;
import io.tidemark.model.filter.RowFilter.Or;
import io.tidemark.model.filter.Truth;
import java.util.List;
import java.util.Map;
import net.sf.jsqlparser.JSQLParserException;
import net.sf.jsqlparser.expression.BooleanValue;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsDistinctExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.IsUnknownExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.expression.operators.relational.SupportsOldOracleJoinSyntax;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.Token;
import net.sf.jsqlparser.parser.TokenMgrException;
import net.sf.jsqlparser.schema.Column;

/**
 * Reads a predicate over one row. What the parser makes of the text is taken only where it is known to be what
 * PostgreSQL makes of it; everything else is refused, never guessed. Operands of comparisons are columns and constants,
 * so the precedence of operators matters between AND, OR and NOT only, where all dialects agree.
 */
final class FilterParser {

    static final String SUPPORTED = "a filter compares the row's own columns with constants or each other by"
            + " = <> != < <= > >=, IN (...), BETWEEN, LIKE, IS NULL, IS TRUE, IS FALSE, IS UNKNOWN, IS DISTINCT FROM,"
            + " joined by AND, OR, NOT and parentheses";

    private static final Map<String, Operator> OPERATORS = Map.of(
            "=", Operator.EQUAL,
            "<>", Operator.UNEQUAL,
            "!=", Operator.UNEQUAL,
            "<", Operator.LESS,
            "<=", Operator.LESS_OR_EQUAL,
            ">", Operator.GREATER,
            ">=", Operator.GREATER_OR_EQUAL);

    private final FilterOperands operands;

    FilterParser(FilterOperands operands) {
        this.operands = operands;
    }

    /**
     * Reads it.
     *
     * @throws FilterRefusedException when it is no predicate, or one that cannot be evaluated as PostgreSQL would
     */
    RowFilter parse(String text) {
        return predicate(parsed(FilterText.plain(text, operands::isColumn)));
    }

    private static Expression parsed(String text) {
        try {
            return CCJSqlParserUtil.parseCondExpression(text, false);
        } catch (JSQLParserException | TokenMgrException e) {
            throw new FilterRefusedException("'" + text + "' is no condition: it cannot be read" + place(e)
                    + ". Names that are words of SQL must stand in double quotes; " + SUPPORTED);
        }
    }

    private static String place(Exception e) {
        if (e.getCause() instanceof ParseException cause && cause.currentToken != null) {
            Token next = cause.currentToken.next;
            return next == null || next.image.isEmpty() ? " to its end" : " from '" + next.image + "' on";
        }
        return " as a whole";
    }

    private RowFilter predicate(Expression expression) {
        if (expression instanceof AndExpression and && !and.isUseOperator()) {
            return new And(List.of(predicate(and.getLeftExpression()), predicate(and.getRightExpression())));
        }
        if (expression instanceof OrExpression or) {
            return new Or(List.of(predicate(or.getLeftExpression()), predicate(or.getRightExpression())));
        }
        if (expression instanceof NotExpression not && !not.isExclamationMark()) {
            return new Not(predicate(not.getExpression()));
        }
        if (expression instanceof ParenthesedExpressionList<?> list && list.size() == 1) {
            return predicate(list.get(0));
        }
        if (expression instanceof BooleanValue constant) {
            return new Constant(constant.getValue());
        }
        return expression instanceof Column column
                ? new Flag(operands.booleanColumn(column).name())
                : simple(expression);
    }

    private RowFilter simple(Expression expression) {
        if (expression instanceof SupportsOldOracleJoinSyntax oracle
                && (oracle.getOldOracleJoinSyntax() != SupportsOldOracleJoinSyntax.NO_ORACLE_JOIN
                        || oracle.getOraclePriorPosition() != SupportsOldOracleJoinSyntax.NO_ORACLE_PRIOR)) {
            throw refused(expression);
        }
        if (expression instanceof IsDistinctExpression distinct) {
            return distinct(distinct);
        }
        if (expression instanceof ComparisonOperator comparison) {
            return comparison(comparison);
        }
        if (expression instanceof InExpression in) {
            return in(in);
        }
        if (expression instanceof Between between) {
            return between(between);
        }
        return expression instanceof LikeExpression like ? like(like) : is(expression);
    }

    private RowFilter is(Expression expression) {
        if (expression instanceof IsNullExpression isNull && !isNull.isUseIsNull() && !isNull.isUseNotNull()) {
            return negated(isNull.isNot(), new IsNull(operands.nullableColumn(isNull.getLeftExpression())));
        }
        if (expression instanceof IsBooleanExpression is) {
            return negated(is.isNot(), new Is(enclosed(is.getLeftExpression(), is), Truth.of(is.isTrue())));
        }
        if (expression instanceof IsUnknownExpression is) {
            return negated(is.isNot(), new Is(enclosed(is.getLeftExpression(), is), Truth.UNKNOWN));
        }
        throw refused(expression);
    }

    /** What stands before IS without parentheses binds otherwise elsewhere, so only a column may. */
    private RowFilter enclosed(Expression operand, Expression whole) {
        if (operand instanceof Column || operand instanceof ParenthesedExpressionList<?>) {
            return predicate(operand);
        }
        throw new FilterRefusedException("put what stands before IS in parentheses in '" + whole + "'");
    }

    private RowFilter comparison(ComparisonOperator comparison) {
        Operator operator = OPERATORS.get(comparison.getStringExpression());
        if (operator == null) {
            throw refused(comparison);
        }
        return compared(comparison, comparison.getLeftExpression(), operator, comparison.getRightExpression());
    }

    private Comparison compared(Expression whole, Expression left, Operator operator, Expression right) {
        FilterOperands.Pair pair = operands.pair(whole, left, right, operator.needsOrder());
        return new Comparison(pair.left(), operator, pair.right());
    }

    private RowFilter distinct(IsDistinctExpression distinct) {
        FilterOperands.Pair pair =
                operands.pair(distinct, distinct.getLeftExpression(), distinct.getRightExpression(), false);
        return negated(distinct.isNot(), new Distinct(pair.left(), pair.right()));
    }

    private RowFilter between(Between between) {
        if (between.isUsingSymmetric() || between.isUsingAsymmetric()) {
            throw new FilterRefusedException(
                    "write the lower bound first and neither SYMMETRIC nor ASYMMETRIC in '" + between + "'");
        }
        Expression value = between.getLeftExpression();
        RowFilter low = compared(between, value, Operator.GREATER_OR_EQUAL, between.getBetweenExpressionStart());
        RowFilter high = compared(between, value, Operator.LESS_OR_EQUAL, between.getBetweenExpressionEnd());
        return negated(between.isNot(), new And(List.of(low, high)));
    }

    private RowFilter in(InExpression in) {
        if (in.isGlobal() || !(in.getRightExpression() instanceof ParenthesedExpressionList<?> list)) {
            throw new FilterRefusedException("IN takes a list of constants in parentheses, not '" + in + "'");
        }
        if (list.isEmpty()) {
            throw new FilterRefusedException("IN needs at least one constant in '" + in + "'");
        }
        ColumnOperand column = operands.comparableColumn(in.getLeftExpression(), in);
        return negated(in.isNot(), new In(column, operands.listed(column, list)));
    }

    private RowFilter like(LikeExpression like) {
        if (like.getLikeKeyWord() == LikeExpression.KeyWord.ILIKE) {
            throw new FilterRefusedException(
                    "ILIKE depends on the column's collation, which Tidemark does not have; use" + " LIKE instead of '"
                            + like + "'");
        }
        if (like.getLikeKeyWord() != LikeExpression.KeyWord.LIKE || like.isUseBinary()) {
            throw refused(like);
        }
        ColumnOperand column = operands.patternColumn(like.getLeftExpression(), like);
        String escape = like.getEscape() == null ? LikePattern.BACKSLASH : operands.text(like.getEscape(), like);
        String pattern = operands.text(like.getRightExpression(), like);
        return negated(
                like.isNot(),
                new Like(
                        column,
                        LikePattern.of(pattern, escape)
                                .orElseThrow(() -> new FilterRefusedException("the escape of LIKE is one character or"
                                        + " none, and a pattern does not end with it: '" + like + "'"))));
    }

    private static RowFilter negated(boolean not, RowFilter filter) {
        return not ? new Not(filter) : filter;
    }

    private static FilterRefusedException refused(Expression expression) {
        return new FilterRefusedException("'" + expression + "' is not supported: " + SUPPORTED);
    }
}
