package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Json;
import io.tidemark.model.definition.DocumentNode;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Makes rows that do not satisfy their node's filter absent, as if they had been deleted. The change still goes on: a
 * row that satisfied the filter before leaves its documents at the change's own version, and the clock counts it.
 */
final class FilteredRows extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private final DocumentNode node;

    FilteredRows(DocumentNode node) {
        this.node = node;
    }

    @Override
    public void process(Record<byte[], Edge> record) {
        boolean absent = record.value() instanceof Edge.Row row
                && row.after() != null
                && !node.where().accepts(Json.parse(row.after().get()));
        context().forward(absent ? record.withValue(withoutRow((Edge.Row) record.value())) : record);
    }

    private static Edge withoutRow(Edge.Row row) {
        return new Edge.Row(row.version(), null);
    }
}
