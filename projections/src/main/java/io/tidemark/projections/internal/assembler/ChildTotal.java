package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.ValueOrder;
import java.util.Comparator;

/** One aggregate over a parent's children, known while these come and go. */
sealed interface ChildTotal {

    /** Takes a child in, with the value that is aggregated, which is not null. */
    void add(Foremost.Ranked child);

    /** Takes out a child that was added with the same value. */
    void remove(Foremost.Ranked child);

    /** Whether the value can be told without looking at all children again. */
    boolean isKnown();

    JsonNode value();

    /** How many children it has in memory at most. */
    default long mostKept() {
        return 0;
    }

    /** An aggregate of no children. */
    static ChildTotal of(Function function, ValueOrder order) {
        return switch (function) {
            case COUNT -> new Count();
            case SUM, AVG -> new Sum(function == Function.AVG);
            case MIN -> new Extreme((left, right) -> JsonOrder.compare(order, left, right));
            case MAX -> new Extreme((left, right) -> JsonOrder.compare(order, right, left));
        };
    }

    /** How many there are. */
    final class Count implements ChildTotal {

        private long count;

        @Override
        public void add(Foremost.Ranked child) {
            count++;
        }

        @Override
        public void remove(Foremost.Ranked child) {
            count--;
        }

        @Override
        public boolean isKnown() {
            return true;
        }

        @Override
        public JsonNode value() {
            return LongNode.valueOf(count);
        }
    }

    /** Their sum, or their average. */
    final class Sum implements ChildTotal {

        private final boolean average;
        private final ExactSum sum = new ExactSum();

        private Sum(boolean average) {
            this.average = average;
        }

        @Override
        public void add(Foremost.Ranked child) {
            sum.add(child.value());
        }

        @Override
        public void remove(Foremost.Ranked child) {
            sum.remove(child.value());
        }

        @Override
        public boolean isKnown() {
            return true;
        }

        @Override
        public JsonNode value() {
            if (sum.count() == 0) {
                return NullNode.getInstance();
            }
            return average ? sum.average() : sum.sum();
        }
    }

    /** The first in an order; equal numbers differ by their digits after the point. */
    final class Extreme implements ChildTotal {

        private final Foremost foremost;

        private Extreme(Comparator<JsonNode> order) {
            foremost = new Foremost(1, order.thenComparing(Extreme::digits));
        }

        private static int digits(JsonNode value) {
            return value.isNumber() ? value.decimalValue().scale() : 0;
        }

        @Override
        public void add(Foremost.Ranked child) {
            foremost.add(child);
        }

        @Override
        public void remove(Foremost.Ranked child) {
            foremost.remove(child);
        }

        @Override
        public boolean isKnown() {
            return foremost.isKnown();
        }

        @Override
        public long mostKept() {
            return foremost.mostKept();
        }

        @Override
        public JsonNode value() {
            return foremost.first().stream()
                    .map(Foremost.Ranked::value)
                    .findFirst()
                    .orElse(NullNode.getInstance());
        }
    }
}
