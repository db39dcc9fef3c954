package io.tidemark.connect.sink;

import io.tidemark.model.Version;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/** Tidemark's headers, which are bytes; Connect's default converter would have guessed what they mean. */
final class Headers {

    /** Of a record that marks a partition: the tidemark everything before it has reached. */
    static final String APPLIED = "tidemark.applied";

    /** Of a record that stands for a document too large to be sent: why. */
    static final String WITHHELD = "tidemark.withheld";

    /** Of a row without the large values that an update did not touch: their names. */
    static final String UNCHANGED = "tidemark.unchanged";

    private Headers() {}

    /** Whether Tidemark wrote the record. */
    static boolean hasPosition(SinkRecord record) {
        return record.headers().lastWithName(Version.HEADER) != null
                || record.headers().lastWithName(APPLIED) != null;
    }

    /**
     * The bytes of a header; null where there is none.
     *
     * @throws ConnectException when a converter made something else of them
     */
    static byte @Nullable [] bytes(SinkRecord record, String name) {
        Header header = record.headers().lastWithName(name);
        if (header == null) {
            return null;
        }
        if (header.value() instanceof byte[] bytes) {
            return bytes;
        }
        throw new ConnectException("The header " + name + " of " + record.originalTopic()
                + " was not read as bytes. Set header.converter=org.apache.kafka.connect.converters.ByteArrayConverter for"
                + " this connector");
    }
}
