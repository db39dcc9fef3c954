package io.tidemark.connect.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.connect.ConnectJson;
import io.tidemark.model.Json;
import io.tidemark.model.store.DocumentBody;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** The value of a record as a JSON object. */
final class Values {

    private Values() {}

    /** A document as it stands in its topic; null to delete. */
    static @Nullable DocumentBody document(SinkRecord record) {
        byte[] text = text(record.value());
        if (text != null) {
            return text.length == 0 ? null : body(text);
        }
        ObjectNode object = exact(record);
        return object == null ? null : DocumentBody.of(object);
    }

    private static DocumentBody body(byte[] text) {
        try {
            return DocumentBody.ofText(text);
        } catch (IllegalArgumentException e) {
            throw new DataException("The value is no JSON object");
        }
    }

    /**
     * A value of one of Tidemark's own topics, with every digit; null where there is none.
     *
     * @throws ConnectException when the converter may have rounded
     */
    static @Nullable ObjectNode exact(SinkRecord record) {
        ObjectNode object = of(record);
        if (record.value() instanceof Struct || ConnectJson.isRounded(record.value())) {
            throw new ConnectException(
                    "The values of " + record.originalTopic()
                            + " went through a converter, or a transform, that does not"
                            + " keep every digit. Set value.converter=org.apache.kafka.connect.converters.ByteArrayConverter, or"
                            + " io.tidemark.connect.converter.TidemarkConverter with schemas.enable=false where transforms need fields");
        }
        return object;
    }

    /**
     * Refuses a key of one of Tidemark's own topics that may have been rounded.
     *
     * @throws ConnectException when it may
     */
    static void requireExactKey(SinkRecord record) {
        if (ConnectJson.isRounded(record.key())) {
            throw new ConnectException(
                    "The keys of " + record.originalTopic() + " went through a converter that does not keep"
                            + " every digit. Set key.converter=org.apache.kafka.connect.converters.ByteArrayConverter, or"
                            + " io.tidemark.connect.converter.TidemarkConverter with schemas.enable=false");
        }
    }

    /**
     * Any value; null where there is none.
     *
     * @throws DataException when it is no JSON object
     */
    static @Nullable ObjectNode of(SinkRecord record) {
        Object value = record.value();
        if (value == null) {
            return null;
        }
        byte[] text = text(value);
        if (text != null && text.length == 0) {
            return null;
        }
        JsonNode json = text == null ? ConnectJson.of(record.valueSchema(), value) : parsed(text);
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw new DataException("The value is no JSON object, which a document is");
    }

    private static JsonNode parsed(byte[] text) {
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw new DataException("The value is not JSON");
        }
    }

    /** The text of a value that is text; else null. */
    private static byte @Nullable [] text(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        return value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : null;
    }
}
