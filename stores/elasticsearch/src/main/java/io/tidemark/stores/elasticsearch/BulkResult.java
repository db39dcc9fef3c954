package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.WriteOutcome;
import java.util.Set;

/** What the server's answer about one document means. */
final class BulkResult {

    /** Not the document's fault: timeouts, overload, a lost shard, a blocked index, missing privileges. */
    private static final Set<Integer> PASSING = Set.of(401, 403, 408, 429, 500, 502, 503, 504);

    private static final int NOT_FOUND = 404;

    private BulkResult() {}

    /** @param result an item of a bulk response that is no version conflict */
    static WriteOutcome outcome(JsonNode result) {
        int status = result.path("status").asInt();
        JsonNode error = result.path("error");
        boolean deletedNothing = status == NOT_FOUND && error.isMissingNode();
        if (status < 300 || deletedNothing) {
            return WriteOutcome.applied();
        }
        boolean passing = PASSING.contains(status) || status == NOT_FOUND;
        return passing
                ? new WriteOutcome.Retriable(code(error, status))
                : new WriteOutcome.Rejected(reason(error, status));
    }

    /**
     * Refuses to go on with an index that was deleted.
     *
     * @param result an item of a bulk response to a request that requires an alias
     * @throws TidemarkException DATA_LOSS
     */
    static void requireThere(JsonNode result, String index, ElasticsearchServer server) {
        if (result.path("error").path("type").asText().equals("index_not_found_exception")) {
            throw gone(index, server);
        }
    }

    static TidemarkException gone(String index, ElasticsearchServer server) {
        return new TidemarkException(
                ErrorCode.DATA_LOSS,
                "The index " + index + " in " + server.display()
                        + " was deleted, made anew or restored since it was opened: it must be filled from the start");
    }

    /** @param stored an item of a multi-get response, about a document whose write was a version conflict */
    static WriteOutcome conflict(JsonNode stored, long position) {
        if (!stored.path("error").isMissingNode()) {
            return new WriteOutcome.Retriable(code(stored.path("error"), 0));
        }
        long storedPosition =
                stored.path("_source").path(Document.POSITION_FIELD).asLong();
        boolean deleted = !stored.path("found").asBoolean();
        return deleted || storedPosition >= position
                ? WriteOutcome.stale()
                : new WriteOutcome.ChangedElsewhere(storedPosition);
    }

    /** Without the reason: of a shard that is away it quotes the documents, and this is shown to everybody. */
    private static String code(JsonNode error, int status) {
        return error.path("type").asText("HTTP " + status);
    }

    private static String reason(JsonNode error, int status) {
        String type = code(error, status);
        String reason = error.path("reason").asText("");
        String cause = error.path("caused_by").path("reason").asText("");
        return type + ": " + reason + (cause.isEmpty() ? "" : " (" + cause + ")");
    }
}
