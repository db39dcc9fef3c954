package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.store.Document;
import java.util.Optional;

/**
 * A document as the server holds it.
 *
 * @param id its {@code _id}
 * @param seqNo of its last write, with the primary term: a write can be made to replace exactly that one
 * @param version by which the server fences writes: the position, raised by one by every update of somebody else's
 * @param position what the document itself says; 0 for none
 * @param routing what says its shard; empty where its id does
 */
record FoundDocument(String id, long seqNo, long primaryTerm, long version, long position, Optional<String> routing) {

    /** @param answer an item of a multi-get; empty when there is no document */
    static Optional<FoundDocument> of(JsonNode answer) {
        return answer.has("_seq_no") ? Optional.of(read(answer, Optional.empty())) : Optional.empty();
    }

    /** @param hit of a search that asks for version and sequence number */
    static FoundDocument ofHit(JsonNode hit) {
        return read(hit, Optional.ofNullable(hit.get("_routing")).map(JsonNode::asText));
    }

    private static FoundDocument read(JsonNode answer, Optional<String> routing) {
        return new FoundDocument(
                answer.required("_id").asText(),
                answer.required("_seq_no").asLong(),
                answer.required("_primary_term").asLong(),
                answer.required("_version").asLong(),
                answer.path("_source").path(Document.POSITION_FIELD).asLong(),
                routing);
    }
}
