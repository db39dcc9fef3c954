package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.ValueOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;

/** What a parent's object has of its children, which of them are listed and the aggregates, known while they come and go. */
final class ChildSummary {

    private static final int NO_VALUE = -1;

    /**
     * An aggregate and what it is of.
     *
     * @param index of the column in {@link ChildValues}; {@link #NO_VALUE} for the children themselves
     */
    private record Term(int index, ChildTotal total) {}

    private final boolean listed;
    private final Foremost list;
    private final List<Term> terms = new ArrayList<>();

    /**
     * Of no children yet.
     *
     * @param listed how many are listed at most
     */
    ChildSummary(Children children, ChildValues values, int listed) {
        this.listed = listed > 0;
        list = new Foremost(listed, new ChildOrder(children));
        for (Aggregate aggregate : children.aggregates()) {
            String column = aggregate.column();
            int index = column == null ? NO_VALUE : values.lastIndexOf(column);
            ValueOrder order = column == null ? ValueOrder.JSON : children.orderOf(column);
            terms.add(new Term(index, ChildTotal.of(aggregate.function(), order)));
        }
    }

    /** @param values see {@link ChildValues} */
    void add(JsonNode values, Bytes key) {
        each(new Foremost.Ranked(values, key), Foremost::add, ChildTotal::add);
    }

    /** Takes out a child that was added with the same values. */
    void remove(JsonNode values, Bytes key) {
        each(new Foremost.Ranked(values, key), Foremost::remove, ChildTotal::remove);
    }

    private void each(
            Foremost.Ranked child,
            BiConsumer<Foremost, Foremost.Ranked> inList,
            BiConsumer<ChildTotal, Foremost.Ranked> inTotal) {
        if (listed) {
            inList.accept(list, child);
        }
        for (Term term : terms) {
            Foremost.Ranked aggregated = aggregated(term, child);
            if (!aggregated.value().isNull()) {
                inTotal.accept(term.total(), aggregated);
            }
        }
    }

    private static Foremost.Ranked aggregated(Term term, Foremost.Ranked child) {
        return term.index() == NO_VALUE
                ? child
                : new Foremost.Ranked(child.value().get(term.index()), child.key());
    }

    /** Whether it can be told without looking at all children again. */
    boolean isKnown() {
        return list.isKnown() && terms.stream().allMatch(term -> term.total().isKnown());
    }

    /** How many children it has in memory at most; each aggregate counts as one more. */
    long mostKept() {
        long inTotals =
                terms.stream().mapToLong(term -> term.total().mostKept()).sum();
        return 1 + terms.size() + inTotals + (listed ? list.mostKept() : 0);
    }

    /** Keys of the children that are listed, in order. */
    List<Bytes> listed() {
        return list.first().stream().map(Foremost.Ranked::key).toList();
    }

    /** The aggregates, in the order of the definition. */
    List<JsonNode> aggregates() {
        return terms.stream().map(term -> term.total().value()).toList();
    }
}
