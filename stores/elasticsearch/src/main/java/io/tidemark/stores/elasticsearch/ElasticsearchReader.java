package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads documents back: by id as of now, or all of them as of a point in time. A document somebody else wrote has
 * position 0 and, in a scan, the key <code>{"_id": ...}</code>, since it does not say its own.
 */
public final class ElasticsearchReader implements DocumentReader {

    /** Bounds an answer's size: the client buffers 100 MB at most. */
    private static final int DOCUMENTS_PER_REQUEST = 500;

    private static final String KEEP_ALIVE = "10m";
    private static final String ROUTING = "_routing";
    private static final String ID = "_id";

    private final ElasticsearchServer server;
    private final PhysicalIndex index;
    private final TidemarkIndex bookkeeping;

    public ElasticsearchReader(ElasticsearchSettings settings, String alias, Generation generation) {
        this.index = PhysicalIndex.of(alias, generation);
        this.server = new ElasticsearchServer(settings);
        this.bookkeeping = new TidemarkIndex(server, generation);
    }

    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        return index.incarnation(server).flatMap(bookkeeping::appliedTidemark);
    }

    /** The collection is the generation's index; its name is not looked at. */
    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        Map<RowKey, StoredDocument> found = new HashMap<>();
        for (int from = 0; from < keys.size(); from += DOCUMENTS_PER_REQUEST) {
            List<RowKey> some = keys.subList(from, Math.min(keys.size(), from + DOCUMENTS_PER_REQUEST));
            ObjectNode request = Json.object();
            var ids = request.putArray("ids");
            some.forEach(key -> ids.add(key.text()));
            JsonNode documents = server.orFail("POST", "/" + index.name() + "/_mget", request)
                    .json()
                    .path("docs");
            for (int i = 0; i < some.size(); i++) {
                if (documents.path(i).path("_source") instanceof ObjectNode source) {
                    found.put(some.get(i), document(some.get(i), source));
                }
            }
        }
        return found;
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        server.orFail("POST", "/" + index.name() + "/_refresh", null);
        String path = "/" + index.name() + "/_pit?keep_alive=" + KEEP_ALIVE;
        String pointInTime =
                server.orFail("POST", path, null).json().required("id").asText();
        try {
            scanPointInTime(pointInTime, Math.min(batchSize, DOCUMENTS_PER_REQUEST), batches);
        } finally {
            server.orFail("DELETE", "/_pit", Json.object().put("id", pointInTime), 404);
        }
    }

    private void scanPointInTime(String pointInTime, int size, Consumer<List<StoredDocument>> batches) {
        ObjectNode request = Json.object().put("size", size).put("track_total_hits", false);
        request.putObject("pit").put("id", pointInTime).put("keep_alive", KEEP_ALIVE);
        request.putArray("sort").addObject().put("_shard_doc", "asc");
        JsonNode hits = hits(request);
        while (!hits.isEmpty()) {
            Map<String, String> routings = routings(hits);
            List<StoredDocument> batch = new ArrayList<>();
            hits.forEach(hit -> batch.add(document(hit, routings)));
            batches.accept(batch);
            request.set("search_after", hits.path(hits.size() - 1).required("sort"));
            hits = hits(request);
        }
    }

    private JsonNode hits(ObjectNode request) {
        return server.orFail("POST", "/_search", request).json().path("hits").path("hits");
    }

    /**
     * The routing under which {@link #get} finds the documents that have one, by id. Tidemark writes none: with another's a
     * document may be on a shard where nobody finds it by its id.
     */
    private Map<String, String> routings(JsonNode hits) {
        ObjectNode request = Json.object();
        ArrayNode ids = request.putArray("ids");
        hits.forEach(hit -> {
            if (hit.has(ROUTING)) {
                ids.add(hit.required("_id").asText());
            }
        });
        Map<String, String> routings = new HashMap<>();
        if (!ids.isEmpty()) {
            server.orFail("POST", "/" + index.name() + "/_mget?_source=" + Document.POSITION_FIELD, request)
                    .json()
                    .path("docs")
                    .forEach(found -> routings.put(
                            found.required("_id").asText(), found.path(ROUTING).asText()));
        }
        return routings;
    }

    private static StoredDocument document(JsonNode hit, Map<String, String> routings) {
        ObjectNode source = hit.path("_source") instanceof ObjectNode object ? object : Json.object();
        String id = hit.required("_id").asText();
        RowKey key = new RowKey(source.path(PhysicalIndex.KEY).asText());
        boolean found = isUnder(key, id)
                && (!hit.has(ROUTING) || hit.path(ROUTING).asText().equals(routings.get(id)));
        return document(found ? key : new RowKey(Json.text(Json.object().put(ID, id))), source);
    }

    /** What a document says of its key is believed where {@link #get} finds it under that key. */
    static boolean isUnder(RowKey key, String id) {
        try {
            return key.text().equals(id);
        } catch (IllegalArgumentException e) {
            return false; // no JSON object
        }
    }

    /** Whether a scan gave a document this key for want of a better one. */
    static boolean isForeign(RowKey key) {
        ObjectNode values = key.values();
        return values.size() == 1 && values.has(ID);
    }

    private static StoredDocument document(RowKey key, ObjectNode source) {
        long position = source.path(Document.POSITION_FIELD).asLong();
        ObjectNode body = source.deepCopy();
        body.remove(List.of(Document.POSITION_FIELD, PhysicalIndex.KEY));
        return new StoredDocument(key, position, body);
    }

    @Override
    public void close() {
        server.close();
    }
}
