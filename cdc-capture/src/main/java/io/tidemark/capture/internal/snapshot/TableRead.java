package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.capture.internal.wal.ValueType;
import io.tidemark.model.Relation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as a snapshot has it, to be read.
 *
 * @param compared what its topic has of it, where only what differs is to be written
 * @param types pairwise with the relation's columns
 */
record TableRead(
        Relation relation, List<ValueType> types, @Nullable ComparedRows compared) {

    TableRead {
        types = List.copyOf(types);
    }
}
