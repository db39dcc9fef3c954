package io.tidemark.connect.transforms;

import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** Values with schemas and without, looked at in one way. */
final class Rows {

    private Rows() {}

    /** A field of a struct or a map; null where there is none. */
    static @Nullable Object field(@Nullable Object value, String name) {
        if (value instanceof Struct struct) {
            return struct.schema().field(name) == null ? null : struct.get(name);
        }
        return value instanceof Map<?, ?> map ? map.get(name) : null;
    }

    /** The same as text; empty where there is none. */
    static String text(@Nullable Object value, String name) {
        Object field = field(value, name);
        return field == null ? "" : String.valueOf(field);
    }

    /** Whether it is an envelope of Debezium's. */
    static boolean isEnvelope(@Nullable Object value) {
        Object source = field(value, "source");
        return field(value, "op") instanceof String && (source instanceof Struct || source instanceof Map);
    }

    /**
     * Refuses what may have fields but was not read into them.
     *
     * @param plugin that needs them, for people
     * @throws DataException when it is bytes, or text that begins as JSON's objects and lists do
     */
    static void requireRead(String plugin, @Nullable Object value) {
        boolean unread = value instanceof byte[]
                || value instanceof ByteBuffer
                || (value instanceof String text
                        && (text.strip().startsWith("{") || text.strip().startsWith("[")));
        if (unread) {
            throw new DataException(plugin + " needs fields and was given bytes or text. Set"
                    + " value.converter=io.tidemark.connect.converter.TidemarkConverter with"
                    + " value.converter.schemas.enable=false, or another converter that reads them; the same for keys");
        }
    }

    static <R extends ConnectRecord<R>> R withValue(R record, @Nullable Schema schema, @Nullable Object value) {
        return record.newRecord(
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                schema,
                value,
                record.timestamp(),
                record.headers().duplicate());
    }
}
