package io.tidemark.app.embed;

import io.tidemark.app.config.Place;

/**
 * A nested table.
 *
 * @param <T> the builder itself
 */
public abstract sealed class RelatedBuilder<T extends RelatedBuilder<T>> extends NodeBuilder<T>
        permits OneBuilder, ManyBuilder {

    RelatedBuilder(Place begun) {
        super(begun);
    }

    /**
     * The columns that refer: of the holding row for {@code one}, of this table for {@code many}; pairwise with the other
     * table's primary key. Without, the only foreign key between the two.
     */
    public T by(String... columns) {
        return addAll("by", columns);
    }
}
