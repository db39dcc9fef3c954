package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.GracePeriod;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.stores.elasticsearch.BulkLines.Fence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes documents in bulk requests of bounded size, and finds out what became of each. */
final class BulkWrite {

    /** A server takes 100 MB. */
    static final int REQUEST_BYTES = 5 << 20;

    private static final int ID_BYTES = 512;

    private final ElasticsearchServer server;
    private final Incarnation index;
    private final GracePeriod grace;

    BulkWrite(ElasticsearchServer server, Incarnation index, GracePeriod grace) {
        this.server = server;
        this.index = index;
        this.grace = grace;
    }

    /** A document on its way: its place in the batch, and what the request says of it; no source to delete. */
    private record Item(
            int place,
            Document document,
            String id,
            @Nullable DocumentBody source) {

        int bytes() {
            return source == null ? 0 : source.text().length;
        }
    }

    /** @param documents at most one per key */
    List<WriteOutcome> write(List<Document> documents) {
        WriteOutcome[] outcomes = new WriteOutcome[documents.size()];
        List<Item> items = new ArrayList<>();
        int bytes = 0;
        for (int place = 0; place < outcomes.length; place++) {
            Item item = item(place, documents.get(place));
            if (item.id().getBytes(StandardCharsets.UTF_8).length > ID_BYTES) {
                outcomes[place] = new WriteOutcome.Rejected(
                        "The key is longer than the " + ID_BYTES + " bytes an Elasticsearch id may have");
                continue;
            }
            if (!items.isEmpty() && bytes + item.bytes() > REQUEST_BYTES) {
                send(items, outcomes);
                items = new ArrayList<>();
                bytes = 0;
            }
            items.add(item);
            bytes += item.bytes();
        }
        send(items, outcomes);
        return Arrays.asList(outcomes);
    }

    private static Item item(int place, Document document) {
        DocumentBody content = document.content();
        DocumentBody source = content == null ? null : source(document, content);
        return new Item(place, document, document.key().text(), source);
    }

    static DocumentBody source(Document document, DocumentBody content) {
        ObjectNode head = Json.object();
        head.put(Document.POSITION_FIELD, document.version().position());
        head.put(PhysicalIndex.KEY, document.key().json());
        return content.after(Json.bytes(head));
    }

    private void send(List<Item> items, WriteOutcome[] outcomes) {
        if (items.isEmpty()) {
            return;
        }
        try {
            grace.require(index.index());
            var answer = server.bulk(index.writeAlias(), lines(items));
            if (answer.ok()) {
                settle(items, answer.json().path("items"), outcomes);
            } else {
                refused(items, answer, outcomes);
            }
        } catch (IOException e) {
            retriable(items, String.valueOf(server.unreachable(e).getMessage()), outcomes);
        }
    }

    /** A request the server cannot read (400) or finds too large (413) is halved until one document is to blame. */
    private void refused(List<Item> items, ElasticsearchServer.Answer answer, WriteOutcome[] outcomes) {
        boolean aboutTheContent = answer.status() == 400 || answer.status() == 413;
        if (!aboutTheContent) {
            retriable(items, String.valueOf(server.failure(answer).getMessage()), outcomes);
        } else if (items.size() == 1) {
            outcomes[items.get(0).place()] = new WriteOutcome.Rejected(answer.error());
        } else {
            int half = items.size() / 2;
            send(items.subList(0, half), outcomes);
            send(items.subList(half, items.size()), outcomes);
        }
    }

    private void settle(List<Item> items, JsonNode results, WriteOutcome[] outcomes) throws IOException {
        List<Item> conflicts = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            JsonNode result = results.path(i).elements().next();
            BulkResult.requireThere(result, index.index(), server);
            if (result.path("status").asInt() == 409) {
                conflicts.add(items.get(i));
            } else {
                outcomes[items.get(i).place()] = BulkResult.outcome(result);
            }
        }
        if (!conflicts.isEmpty()) {
            tellStaleFromChanged(conflicts, outcomes);
        }
    }

    /** Somebody else's update or delete raises the version too: what the stored document says itself decides. */
    private void tellStaleFromChanged(List<Item> conflicts, WriteOutcome[] outcomes) throws IOException {
        ObjectNode request = Json.object();
        var ids = request.putArray("ids");
        conflicts.forEach(item -> ids.add(item.id()));
        String path = "/" + index.writeAlias() + "/_mget?_source=" + Document.POSITION_FIELD;
        var answer = server.ask("POST", path, request);
        if (!answer.ok()) {
            retriable(conflicts, answer.error(), outcomes);
            return;
        }
        List<Item> changed = new ArrayList<>();
        List<FoundDocument> found = new ArrayList<>();
        for (int i = 0; i < conflicts.size(); i++) {
            Item item = conflicts.get(i);
            JsonNode stored = answer.json().path("docs").path(i);
            WriteOutcome outcome =
                    BulkResult.conflict(stored, item.document().version().position());
            outcomes[item.place()] = outcome;
            if (outcome instanceof WriteOutcome.ChangedElsewhere) {
                changed.add(item);
                found.add(FoundDocument.of(stored).orElseThrow());
            }
        }
        if (!changed.isEmpty()) {
            replace(changed, found, outcomes);
        }
    }

    /** What says an older position is older, whatever the version that somebody gave it. */
    private void replace(List<Item> changed, List<FoundDocument> found, WriteOutcome[] outcomes) throws IOException {
        BulkLines lines = new BulkLines();
        for (int i = 0; i < changed.size(); i++) {
            DocumentBody source = changed.get(i).source();
            if (source == null) {
                lines.delete(found.get(i));
            } else {
                lines.replace(found.get(i), source);
            }
        }
        var answer = server.bulk(index.writeAlias(), lines.bytes());
        if (!answer.ok()) {
            retriable(changed, answer.error(), outcomes);
            return;
        }
        for (int i = 0; i < changed.size(); i++) {
            JsonNode result = answer.json().path("items").path(i).elements().next();
            BulkResult.requireThere(result, index.index(), server);
            int place = changed.get(i).place();
            if (result.path("status").asInt() == 409) {
                outcomes[place] = new WriteOutcome.Retriable("somebody else goes on changing the document");
            } else if (!(BulkResult.outcome(result) instanceof WriteOutcome.Applied)) {
                outcomes[place] = BulkResult.outcome(result);
            }
        }
    }

    private static byte[] lines(List<Item> items) {
        BulkLines lines = new BulkLines();
        for (Item item : items) {
            long version = item.document().version().position();
            DocumentBody source = item.source();
            if (source == null) {
                lines.delete(item.id(), version, Fence.GREATER);
            } else {
                lines.index(item.id(), version, Fence.GREATER, source);
            }
        }
        return lines.bytes();
    }

    private static void retriable(List<Item> items, String cause, WriteOutcome[] outcomes) {
        items.forEach(item -> outcomes[item.place()] = new WriteOutcome.Retriable(cause));
    }
}
