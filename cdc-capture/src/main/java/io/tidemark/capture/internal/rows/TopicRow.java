package io.tidemark.capture.internal.rows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The newest record of a key.
 *
 * @param position of its change; 0 when it says none, and somebody else wrote it
 * @param offset in its partition
 * @param row as the change has it
 */
record TopicRow(RowKey key, long position, long offset, JsonNode row) {

    private static final int HEAD_BYTES = 2 * Long.BYTES;

    /** What is kept of a record. */
    static byte[] encode(long position, long offset, byte[] envelope) {
        return ByteBuffer.allocate(HEAD_BYTES + envelope.length)
                .putLong(position)
                .putLong(offset)
                .put(envelope)
                .array();
    }

    /** Offset of the record that was kept so. */
    static long offset(byte[] kept) {
        return ByteBuffer.wrap(kept).getLong(Long.BYTES);
    }

    static TopicRow decode(byte[] key, byte[] kept) {
        ByteBuffer head = ByteBuffer.wrap(kept);
        JsonNode envelope = Json.parse(Arrays.copyOfRange(kept, HEAD_BYTES, kept.length));
        return new TopicRow(RowKey.decode(key), head.getLong(), head.getLong(), envelope.path("after"));
    }

    /** The row as a description of its table reads it. */
    ObjectNode readBy(Relation relation) {
        return read(relation, row);
    }

    /** A column that a row lacks is null; one that the description lacks was dropped. */
    static ObjectNode read(Relation relation, JsonNode row) {
        ObjectNode read = Json.object();
        for (Column column : relation.columns()) {
            JsonNode value = row.get(column.name());
            read.set(column.name(), value == null ? read.nullNode() : value);
        }
        return read;
    }
}
