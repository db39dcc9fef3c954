package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.ValueOrder;
import java.util.ArrayList;
import java.util.List;

/** Computes the aggregates over a parent's children. */
final class ChildAggregates {

    private static final int NO_VALUE = -1;

    /**
     * One of them.
     *
     * @param index of the column in {@link ChildValues}; {@link #NO_VALUE} for the children themselves
     */
    private record Term(Function function, int index, ValueOrder order) {}

    private final List<Term> terms = new ArrayList<>();

    ChildAggregates(Children children) {
        ChildValues values = new ChildValues(children);
        for (Aggregate aggregate : children.aggregates()) {
            String column = aggregate.column();
            terms.add(
                    column == null
                            ? new Term(aggregate.function(), NO_VALUE, ValueOrder.JSON)
                            : new Term(aggregate.function(), values.lastIndexOf(column), children.orderOf(column)));
        }
    }

    /** The values in the order of the definition. */
    List<JsonNode> of(List<ChildList.Child> children) {
        return terms.stream().map(term -> value(term, children)).toList();
    }

    private static JsonNode value(Term term, List<ChildList.Child> children) {
        if (term.index() == NO_VALUE) {
            return LongNode.valueOf(children.size());
        }
        List<JsonNode> values = children.stream()
                .map(child -> child.values().get(term.index()))
                .filter(value -> !value.isNull())
                .toList();
        if (term.function() == Function.COUNT) {
            return LongNode.valueOf(values.size());
        }
        return values.isEmpty() ? NullNode.getInstance() : ofValues(term, values);
    }

    private static JsonNode ofValues(Term term, List<JsonNode> values) {
        return switch (term.function()) {
            case MIN ->
                values.stream()
                        .reduce((a, b) -> isBefore(term, b, a, 1) ? b : a)
                        .orElseThrow();
            case MAX ->
                values.stream()
                        .reduce((a, b) -> isBefore(term, b, a, -1) ? b : a)
                        .orElseThrow();
            case SUM -> sum(values).sum();
            case AVG -> sum(values).average();
            case COUNT -> throw new IllegalStateException("COUNT needs no values");
        };
    }

    /** Whether a value comes first, upwards or downwards; equal numbers differ by their digits after the point. */
    private static boolean isBefore(Term term, JsonNode left, JsonNode right, int direction) {
        int result = direction * JsonOrder.compare(term.order(), left, right);
        boolean tie = result == 0 && left.isNumber() && right.isNumber();
        return result < 0
                || (tie && left.decimalValue().scale() < right.decimalValue().scale());
    }

    private static ExactSum sum(List<JsonNode> values) {
        ExactSum sum = new ExactSum();
        values.forEach(sum::add);
        return sum;
    }
}
