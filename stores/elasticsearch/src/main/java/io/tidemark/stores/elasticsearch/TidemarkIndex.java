package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Generation;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Tidemark's own index {@value #NAME}: per generation one document with its lineage and partitions, and one per
 * partition with its applied tidemark. A claim is about one incarnation of the documents' index: none is left of an index
 * that was deleted. All are read by id, which needs no refresh; only who drops a generation searches for what is left of it.
 */
final class TidemarkIndex {

    static final String NAME = "tidemark-applied";

    /** To write through, so that the index is not made by a write when it is gone. */
    private static final String WRITE_ALIAS = NAME + "-write";

    private static final int PAGE = 1_000;

    private final ElasticsearchServer server;
    private final Generation generation;

    TidemarkIndex(ElasticsearchServer server, Generation generation) {
        this.server = server;
        this.generation = generation;
    }

    void create() {
        ObjectNode definition = Json.parseObject("""
                {"settings": {"number_of_shards": 1, "number_of_replicas": 0, "index.hidden": true},
                 "mappings": {"dynamic": false}}
                """);
        var created = server.orFail("PUT", "/" + NAME, definition, 400);
        if (!created.ok() && !created.errorType().equals("resource_already_exists_exception")) {
            throw server.failure(created);
        }
        server.addHiddenAlias(NAME, WRITE_ALIAS);
    }

    /** Begins the generation's bookkeeping, or checks that it was begun by the same capture. */
    void begin(int partitions) {
        ObjectNode begun = Json.object().put("lineage", generation.lineage()).put("partitions", partitions);
        String id = encoded(generation.toString());
        if (server.orFail("PUT", "/" + WRITE_ALIAS + "/_create/" + id + "?require_alias=true", begun, 409)
                .ok()) {
            return;
        }
        JsonNode stored =
                server.orFail("GET", "/" + NAME + "/_doc/" + id, null).json().required("_source");
        generation.requireSame(
                server.display(),
                stored.required("lineage").asText(),
                stored.required("partitions").asInt(),
                partitions);
    }

    /** @param of the index documents are in now */
    Optional<TidemarkRef> appliedTidemark(Incarnation of) {
        var begun = server.orFail("GET", "/" + NAME + "/_doc/" + encoded(generation.toString()), null, 404);
        if (!begun.ok()) {
            return Optional.empty();
        }
        int partitions = begun.json().required("_source").required("partitions").asInt();
        List<AppliedTidemark> claims = new ArrayList<>();
        claims(of, IntStream.range(0, partitions).boxed().toList())
                .forEach((partition, stored) -> claims.add(new AppliedTidemark(partition, stored.tidemark())));
        return AppliedTidemark.ofGeneration(claims, partitions);
    }

    /**
     * The claims of these partitions that there are.
     *
     * @param of the index they are true of
     */
    Map<Integer, StoredClaim> claims(Incarnation of, List<Integer> partitions) {
        ObjectNode request = Json.object();
        var ids = request.putArray("ids");
        partitions.forEach(partition -> ids.add(id(of, partition)));
        JsonNode documents =
                server.orFail("POST", "/" + NAME + "/_mget", request).json().path("docs");
        Map<Integer, StoredClaim> claims = new TreeMap<>();
        for (int i = 0; i < partitions.size(); i++) {
            JsonNode document = documents.path(i);
            requireAnswer(document.path("error"));
            JsonNode tidemark = document.path("_source").path("tidemark");
            if (tidemark.isTextual()) {
                claims.put(partitions.get(i), StoredClaim.of(TidemarkRef.parse(tidemark.asText()), document));
            }
        }
        return claims;
    }

    /** A shard that is not there yet, as after a restart, says nothing of what it holds. */
    private void requireAnswer(JsonNode error) {
        if (!error.isMissingNode() && !error.path("type").asText().equals("index_not_found_exception")) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    server.display() + " does not say what was applied of " + generation + ": "
                            + error.path("reason").asText(error.path("type").asText()));
        }
    }

    /**
     * Forgets the generation, whatever indexes its documents were in: who was interrupted here may have deleted these
     * already, and nothing else says which they were.
     */
    void drop() {
        if (server.orFail("POST", "/" + NAME + "/_refresh", null, 404).ok()) {
            for (JsonNode hits = page(-1); !hits.isEmpty(); hits = page(last(hits))) {
                hits.forEach(hit -> forget(hit.required("_id").asText()));
            }
        }
    }

    private JsonNode page(long after) {
        ObjectNode request = Json.object().put("size", PAGE).put("_source", false);
        request.putArray("sort").addObject().put("_seq_no", "asc");
        request.putArray("search_after").add(after);
        return server.orFail("POST", "/" + NAME + "/_search", request).json().at("/hits/hits");
    }

    private static long last(JsonNode hits) {
        return hits.path(hits.size() - 1).path("sort").path(0).asLong();
    }

    private void forget(String id) {
        if (id.equals(generation.toString()) || id.startsWith(generation + "/")) {
            delete(id);
        }
    }

    private void delete(String id) {
        server.orFail("DELETE", "/" + NAME + "/_doc/" + encoded(id), null, 404);
    }

    /** @param lines of documents with an {@link #id} */
    ElasticsearchServer.Answer bulk(BulkLines lines) throws IOException {
        return server.bulk(WRITE_ALIAS, lines.bytes(), StoredClaim.SEQ_NO, StoredClaim.PRIMARY_TERM);
    }

    String id(Incarnation of, int partition) {
        return generation + "/" + of.uuid() + "/" + partition;
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
