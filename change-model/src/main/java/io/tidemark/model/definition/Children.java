package io.tidemark.model.definition;

import java.util.List;

/**
 * {@code many}: the rows that refer to the holding row, as a list of nested objects; empty when there are none.
 *
 * @param by columns of the child rows, pairwise with the holding table's primary key
 * @param orderBy columns of the child rows, ascending, nulls last, text by code point; the child's key breaks ties
 */
public record Children(String name, List<String> by, List<String> orderBy, DocumentNode node) {

    public Children {
        by = List.copyOf(by);
        orderBy = List.copyOf(orderBy);
    }
}
