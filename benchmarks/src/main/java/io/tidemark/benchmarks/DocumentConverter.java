package io.tidemark.benchmarks;

import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.storage.Converter;
import org.jspecify.annotations.Nullable;

/**
 * Gives a Connect worker the documents topic with schemas, without which Debezium's JDBC sink takes no record: of a key
 * its id, of a document its text, which is not parsed, and its position. It costs less than any converter of Connect's.
 */
public final class DocumentConverter implements Converter {

    static final Schema KEY =
            SchemaBuilder.struct().field("id", Schema.INT64_SCHEMA).build();

    static final Schema DOCUMENT = SchemaBuilder.struct()
            .field(
                    "document",
                    SchemaBuilder.string().name("io.debezium.data.Json").build())
            .field("_tidemark", Schema.INT64_SCHEMA)
            .build();

    private boolean keys;

    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {
        keys = isKey;
    }

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object value) {
        throw new UnsupportedOperationException("For sinks only");
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] value) {
        throw new UnsupportedOperationException("A document's position is in a header");
    }

    @Override
    public SchemaAndValue toConnectData(String topic, Headers headers, byte @Nullable [] value) {
        if (value == null) {
            return SchemaAndValue.NULL;
        }
        return keys ? key(value) : document(headers, value);
    }

    /** The key of a tidemark is none. */
    private static SchemaAndValue key(byte[] value) {
        if (value[0] != '{') {
            return SchemaAndValue.NULL;
        }
        long id = Long.parseLong(RowKey.decode(value).text("id"));
        return new SchemaAndValue(KEY, new Struct(KEY).put("id", id));
    }

    private static SchemaAndValue document(Headers headers, byte[] value) {
        Version version = Version.decode(
                Objects.requireNonNull(headers.lastHeader(Version.HEADER)).value());
        Struct document = new Struct(DOCUMENT)
                .put("document", new String(value, StandardCharsets.UTF_8))
                .put("_tidemark", version.position());
        return new SchemaAndValue(DOCUMENT, document);
    }
}
