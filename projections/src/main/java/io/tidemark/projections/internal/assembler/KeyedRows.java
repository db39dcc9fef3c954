package io.tidemark.projections.internal.assembler;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Stops at a row without a value in the columns that tell documents apart: its document would vanish, and with a column
 * that was renamed all documents would.
 */
final class KeyedRows extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private final Relation keyed;
    private final long lastBefore;

    /**
     * Looks at rows of a root.
     *
     * @param keyed the root, keyed as its documents are
     * @param lastBefore position up to which rows may be older than a column of the key, and have no document
     */
    KeyedRows(Relation keyed, long lastBefore) {
        this.keyed = keyed;
        this.lastBefore = lastBefore;
    }

    @Override
    public void process(Record<byte[], Edge> record) {
        if (record.value() instanceof Edge.Row row
                && row.after() != null
                && row.version().position() > lastBefore
                && keyed.keyFrom(Json.parse(row.after().get()), keyed.primaryKey())
                        .isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "A row of " + keyed.table() + " has no value in " + String.join(", ", keyed.primaryKey())
                            + ", the 'key' of this read model's documents, or no such column any more. Give the column"
                            + " its name, its value and NOT NULL back, or change the definition under a new name and"
                            + " new targets; then start again");
        }
        context().forward(record);
    }
}
