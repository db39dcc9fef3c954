package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.TidemarkRef;

/**
 * A claim as it is stored.
 *
 * @param seqNo of its last write, with the primary term: a write can be made to replace exactly that one
 */
record StoredClaim(TidemarkRef tidemark, long seqNo, long primaryTerm) {

    static final String SEQ_NO = "_seq_no";
    static final String PRIMARY_TERM = "_primary_term";

    /** @param answer to a get or a write of it */
    static StoredClaim of(TidemarkRef tidemark, JsonNode answer) {
        return new StoredClaim(
                tidemark,
                answer.required(SEQ_NO).asLong(),
                answer.required(PRIMARY_TERM).asLong());
    }
}
