package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Makes rows that do not satisfy their node's filter absent, as if they had been deleted. The change still goes on: a
 * row that satisfied the filter before leaves its documents at the change's own version, and the clock counts it.
 */
final class FilteredRows extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private final DocumentNode node;
    private final Set<String> columns;
    private final long lastBefore;

    /**
     * Filters for a node.
     *
     * @param lastBefore position up to which rows may be older than a column the filter looks at, which is NULL in them
     */
    FilteredRows(DocumentNode node, long lastBefore) {
        this.node = node;
        this.columns = node.where().columns();
        this.lastBefore = lastBefore;
    }

    @Override
    public void process(Record<byte[], Edge> record) {
        boolean absent =
                record.value() instanceof Edge.Row row && row.after() != null && !accepts(row.version(), row.after());
        context().forward(absent ? record.withValue(withoutRow((Edge.Row) record.value())) : record);
    }

    private boolean accepts(Version version, Bytes after) {
        JsonNode row = Json.parse(after.get());
        if (version.position() > lastBefore) {
            columns.stream().filter(column -> !row.has(column)).findFirst().ifPresent(this::gone);
        }
        return node.where().accepts(row);
    }

    /** A filter that takes it for NULL would empty the documents, or show what it hid. */
    private void gone(String column) {
        throw new TidemarkException(
                ErrorCode.FAILED,
                "Rows of " + node.table() + " have no column '" + column
                        + "' any more, which a 'where' of this read model looks at. Give the column its name back, or change"
                        + " the definition under a new name and new targets; then start again");
    }

    private static Edge withoutRow(Edge.Row row) {
        return new Edge.Row(row.version(), null);
    }
}
