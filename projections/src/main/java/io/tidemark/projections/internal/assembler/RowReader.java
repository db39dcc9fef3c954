package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.Operation;
import io.tidemark.model.Version;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Reads change topics. A tombstone is a row that is gone, like the delete before it: of that, compaction may leave nothing
 * else.
 */
final class RowReader extends ContextualProcessor<byte[], byte @Nullable [], byte[], Edge> {

    @Override
    public void process(Record<byte[], byte @Nullable []> record) {
        context().forward(record.withValue(row(record)));
    }

    private static Edge row(Record<byte[], byte @Nullable []> record) {
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
        @Nullable
        Bytes after = change.required("after").isNull() ? null : Bytes.wrap(Json.bytes(change.required("after")));
        return new Edge.Row(Version.decode(version.value()), after);
    }
}
