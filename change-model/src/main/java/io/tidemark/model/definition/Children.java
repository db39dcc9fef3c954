package io.tidemark.model.definition;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code many}: the rows that refer to the holding row, as a list of nested objects; empty when there are none.
 *
 * @param by columns of the child rows, pairwise with the holding table's primary key
 * @param orderBy columns of the child rows; the child's key, ascending, breaks ties
 * @param limit how many there are at most, the first in order; {@link #ALL} for all
 * @param listed whether there is a list at all, or only the aggregates
 * @param aggregates stand beside the list, in the holding row's object
 */
public record Children(
        String name,
        List<String> by,
        List<SortColumn> orderBy,
        int limit,
        boolean listed,
        List<Aggregate> aggregates,
        DocumentNode node) {

    public static final int ALL = Integer.MAX_VALUE;

    public Children {
        by = List.copyOf(by);
        orderBy = List.copyOf(orderBy);
        aggregates = List.copyOf(aggregates);
    }

    /** A list without aggregates. */
    public Children(String name, List<String> by, List<SortColumn> orderBy, int limit, DocumentNode node) {
        this(name, by, orderBy, limit, true, List.of(), node);
    }

    /** All the rows, in ascending order of columns. */
    public Children(String name, List<String> by, List<String> orderBy, DocumentNode node) {
        this(name, by, orderBy.stream().map(SortColumn::ascending).toList(), ALL, node);
    }

    /** Everything the rows are ordered by, which tells any two of them apart: {@link #orderBy}, then the key. */
    public List<SortColumn> order() {
        List<SortColumn> order = new ArrayList<>(orderBy);
        node.relation().primaryKey().forEach(key -> order.add(SortColumn.ascending(key)));
        return order;
    }

    /** How a column's values are ordered. */
    public ValueOrder orderOf(String column) {
        Relation relation = node.relation();
        Column found = relation.column(column)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Table " + relation.table() + " has no column '" + column + "' to build a document with"));
        return ValueOrder.of(found);
    }
}
