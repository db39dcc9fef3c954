package io.tidemark.model.definition;

import java.util.List;

/**
 * {@code one}: the row that columns of the holding row refer to, as a nested object; null when there is none.
 *
 * @param by columns of the holding row, pairwise with the referenced table's primary key
 * @param lifted whether the entries of the object stand in the holding row's own ({@code flatten} of a list). A child
 *     that refers to no row is none of its parent's then
 */
public record Reference(String name, List<String> by, boolean lifted, DocumentNode node) {

    public Reference {
        by = List.copyOf(by);
    }

    /** A nested object. */
    public Reference(String name, List<String> by, DocumentNode node) {
        this(name, by, false, node);
    }
}
