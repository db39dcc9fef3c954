package io.tidemark.model.definition;

/** A column that children are ordered by; how its values compare is its type's {@link ValueOrder}. */
public record SortColumn(String column, boolean descending, boolean nullsFirst) {

    /** Smallest first, nulls last. */
    public static SortColumn ascending(String column) {
        return new SortColumn(column, false, false);
    }
}
