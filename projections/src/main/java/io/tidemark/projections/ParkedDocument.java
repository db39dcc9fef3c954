package io.tidemark.projections;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a document that a store refused, or that came after one it refused; or that the assembler withheld.
 *
 * @param id of which document and store
 * @param version of the document; with the id it is the record's key, so that nobody who holds an older version can
 *     put it, or its end, in place of a newer one
 * @param partition of the documents topic it comes from
 * @param document null for a deleted one, and for one that is withheld
 * @param withheld whether the assembler did not send it: there is nothing to write, and the next one of its key is
 *     written without anybody asking
 * @param reason the store's own words when it last refused, or the assembler's
 * @param since when it was first refused, or withheld
 * @param attempts how often it was
 */
public record ParkedDocument(
        ParkedKey id,
        Version version,
        int partition,
        @Nullable ObjectNode document,
        boolean withheld,
        String reason,
        Instant since,
        int attempts) {

    private static final int LONGEST_REASON = 2_000;
    private static final String WITHHELD = "withheld";

    public ParkedDocument {
        reason = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "…" : reason;
    }

    /** A document's key, in one store. */
    public record ParkedKey(String store, RowKey key) {

        /** {@code {"store":"search","key":{"id":5}}}. */
        public ObjectNode toJson() {
            ObjectNode json = Json.object().put("store", store);
            json.set("key", key.values());
            return json;
        }

        static ParkedKey fromJson(JsonNode json) {
            return new ParkedKey(json.required("store").textValue(), new RowKey(Json.text(json.required("key"))));
        }
    }

    /** One that was refused for the first time. */
    public static ParkedDocument refused(String store, int partition, Document document, String reason) {
        return new ParkedDocument(
                new ParkedKey(store, document.key()),
                document.version(),
                partition,
                document.body(),
                false,
                reason,
                Instant.now(),
                1);
    }

    /** The same, of a document that the assembler did not send. */
    public ParkedDocument asWithheld() {
        return new ParkedDocument(id, version, partition, null, true, reason, since, attempts);
    }

    /** A later document of its key, which takes its place. */
    public ParkedDocument followedBy(int fromPartition, Document later) {
        return new ParkedDocument(id, later.version(), fromPartition, later.body(), false, reason, since, attempts);
    }

    /** It was tried and refused once more. */
    public ParkedDocument refusedAgain(String why) {
        return new ParkedDocument(id, version, partition, document, withheld, why, since, attempts + 1);
    }

    /** What would be written. */
    public Document toDocument(String collection) {
        return new Document(collection, id.key(), version, document);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("reason", reason)
                .put("since", since.toString())
                .put("attempts", attempts)
                .put("partition", partition);
        if (withheld) {
            json.put(WITHHELD, true);
        }
        json.set("document", document);
        return json;
    }

    static ParkedDocument fromJson(ParkedKey id, Version version, JsonNode json) {
        return new ParkedDocument(
                id,
                version,
                json.required("partition").intValue(),
                json.get("document") instanceof ObjectNode object ? object : null,
                json.path(WITHHELD).booleanValue(),
                json.required("reason").textValue(),
                Instant.parse(json.required("since").textValue()),
                json.required("attempts").intValue());
    }
}
