package io.tidemark.connect.transforms;

import java.util.Map;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
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
