package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.SortColumn;
import io.tidemark.model.definition.ValueOrder;
import java.util.Comparator;
import java.util.List;

/** Orders children as the generated SQL does, by what {@link ChildValues} says of them. */
final class ChildOrder implements Comparator<JsonNode> {

    private record Term(SortColumn column, ValueOrder order) {}

    private final List<Term> terms;

    ChildOrder(Children children) {
        terms = children.order().stream()
                .map(column -> new Term(column, children.orderOf(column.column())))
                .toList();
    }

    @Override
    public int compare(JsonNode left, JsonNode right) {
        for (int i = 0; i < terms.size(); i++) {
            int result = compare(terms.get(i), left.get(i), right.get(i));
            if (result != 0) {
                return result;
            }
        }
        return 0;
    }

    private static int compare(Term term, JsonNode left, JsonNode right) {
        SortColumn column = term.column();
        if (left.isNull() || right.isNull()) {
            return column.nullsFirst()
                    ? Boolean.compare(right.isNull(), left.isNull())
                    : Boolean.compare(left.isNull(), right.isNull());
        }
        return column.descending()
                ? JsonOrder.compare(term.order(), right, left)
                : JsonOrder.compare(term.order(), left, right);
    }
}
