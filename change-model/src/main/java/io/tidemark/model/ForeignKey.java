package io.tidemark.model;

import java.util.List;

/** A foreign key: {@code columns} of the owning table refer, pairwise, to {@code referencedColumns}. */
public record ForeignKey(List<String> columns, TableId referenced, List<String> referencedColumns) {

    public ForeignKey {
        columns = List.copyOf(columns);
        referencedColumns = List.copyOf(referencedColumns);
        if (columns.isEmpty() || columns.size() != referencedColumns.size()) {
            throw new IllegalArgumentException(
                    "A foreign key pairs columns: " + columns + " with " + referencedColumns);
        }
    }
}
