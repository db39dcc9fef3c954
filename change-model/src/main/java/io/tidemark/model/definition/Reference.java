package io.tidemark.model.definition;

import java.util.List;

/**
 * {@code one}: the row that columns of the holding row refer to, as a nested object; null when there is none.
 *
 * @param by columns of the holding row, pairwise with the referenced table's primary key
 */
public record Reference(String name, List<String> by, DocumentNode node) {

    public Reference {
        by = List.copyOf(by);
    }
}
