package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Json;
import io.tidemark.model.definition.DocumentNode;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Makes rows that do not satisfy their node's filter absent, as if they had been deleted. The change still goes on: a
 * row that satisfied the filter before leaves its documents at the change's own version, and the clock counts it.
 *
 * <p>A column that a row lacks is NULL here. Whether it may be is for the assemble step to say ({@link NeededColumns}),
 * which knows the floor and makes nothing of the row before it has said so.
 */
final class FilteredRows extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private final DocumentNode node;

    FilteredRows(DocumentNode node) {
        this.node = node;
    }

    @Override
    public void process(Record<byte[], Edge> record) {
        context().forward(record.withValue(filtered(record.value())));
    }

    private Edge filtered(Edge edge) {
        if (edge instanceof Edge.Row row) {
            Bytes after = row.after();
            if (after != null && !node.where().accepts(Json.parse(after.get()))) {
                return new Edge.Row(row.version(), null, row.lacks());
            }
        }
        return edge;
    }
}
