package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Operation;
import io.tidemark.model.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Reads a change topic. A tombstone is a row that is gone, like the delete before it: of that, compaction may leave nothing
 * else.
 */
final class RowReader extends ContextualProcessor<byte[], byte @Nullable [], byte[], Edge> {

    private final List<String> needed;

    /** @param needed columns of the table that the definition looks at */
    RowReader(Set<String> needed) {
        this.needed = List.copyOf(needed);
    }

    @Override
    public void process(Record<byte[], byte @Nullable []> record) {
        context().forward(record.withValue(row(record)));
    }

    private Edge row(Record<byte[], byte @Nullable []> record) {
        Header version = record.headers().lastHeader(Version.HEADER);
        if (version == null) {
            throw new IllegalArgumentException("A change has no " + Version.HEADER
                    + " header: the topic was written by something else than Tidemark's capture");
        }
        byte[] envelope = record.value();
        if (envelope == null) {
            return new Edge.Row(Version.decode(version.value()), null);
        }
        ObjectNode change = Json.parseObject(envelope);
        if (change.required("op").textValue().equals(Operation.TRUNCATE.code())) {
            return new Edge.Truncate(Version.decode(version.value()));
        }
        JsonNode after = change.required("after");
        return after.isNull()
                ? new Edge.Row(Version.decode(version.value()), null)
                : new Edge.Row(Version.decode(version.value()), Bytes.wrap(Json.bytes(after)), lackedBy(after));
    }

    private List<String> lackedBy(JsonNode row) {
        List<String> lacks = new ArrayList<>(0);
        for (String column : needed) {
            if (!row.has(column)) {
                lacks.add(column);
            }
        }
        return lacks;
    }
}
