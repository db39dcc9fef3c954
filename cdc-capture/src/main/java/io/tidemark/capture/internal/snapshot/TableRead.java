package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.internal.wal.ValueType;
import io.tidemark.model.Relation;
import java.util.List;

/**
 * A table as a snapshot has it, to be read.
 *
 * @param types pairwise with the relation's columns
 */
record TableRead(Relation relation, List<ValueType> types) {

    TableRead {
        types = List.copyOf(types);
    }
}
