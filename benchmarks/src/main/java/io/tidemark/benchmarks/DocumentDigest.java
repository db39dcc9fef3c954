package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Counts documents and adds up the CRC-32 of each, whatever the order of their fields. */
final class DocumentDigest {

    private final CRC32 crc = new CRC32();
    private long documents;
    private long checksum;

    void add(ObjectNode document) {
        documents++;
        checksum += of(document);
    }

    /** The sum of one document. */
    long of(ObjectNode document) {
        crc.reset();
        crc.update(Json.canonical(document).getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    Digest digest() {
        return new Digest(documents, checksum);
    }
}
