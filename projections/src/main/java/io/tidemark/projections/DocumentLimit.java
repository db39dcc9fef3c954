package io.tidemark.projections;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * How large a model's documents may be.
 *
 * @param maxBytes of a document and its key together, as JSON in UTF-8, whatever compression Kafka's clients use
 */
public record DocumentLimit(int maxBytes) {

    /** With it a record is no larger than what brokers and producers take unless they are told otherwise. */
    public static final DocumentLimit DEFAULT = new DocumentLimit(1_000_000);

    /** The most there may be: what goes from step to step within an assembler, and what is parked, has to be larger. */
    public static final int MOST_BYTES = 60_000_000;

    /** Of a record, beside document and key: headers, and the batch it is alone in. */
    private static final int AROUND_BYTES = 48_576;

    public DocumentLimit {
        if (maxBytes < 1 || maxBytes > MOST_BYTES) {
            throw new IllegalArgumentException("max-document-bytes is 1 to " + MOST_BYTES + ", not " + maxBytes);
        }
    }

    /** The {@code max.message.bytes} that the documents topic needs. */
    public int recordBytes() {
        return maxBytes + AROUND_BYTES;
    }

    /** Whether a document of so many bytes, with its key, is too large. */
    public boolean excludes(long bytes) {
        return bytes > maxBytes;
    }

    /** Why a document that is too large was not sent, for people: one line in UTF-8. */
    public byte[] reason(long bytes) {
        return String.format(
                        Locale.ROOT,
                        "the assembled document has %,d bytes with its key, and max-document-bytes of the read model is"
                                + " %,d. It is written again as soon as it is smaller: shrink what it is made of, list fewer"
                                + " fields or children in a new definition, or raise max-document-bytes and start again",
                        bytes,
                        maxBytes)
                .getBytes(StandardCharsets.UTF_8);
    }
}
