package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Generation;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tidemark's own index {@value #NAME}: per generation one document with its lineage and partitions, and one per
 * partition with its applied tidemark. A claim is about one incarnation of the documents' index: none is left of an index
 * that was deleted. All are read by id, which needs no refresh.
 */
final class TidemarkIndex {

    static final String NAME = "tidemark-applied";

    /** To write through, so that the index is not made by a write when it is gone. */
    private static final String WRITE_ALIAS = NAME + "-write";

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

    /**
     * Saves claims; the number is the version, so that an older claim changes nothing. Empty when all are saved.
     *
     * @param of the index they are true of
     */
    Optional<String> save(List<AppliedTidemark> claims, Incarnation of) throws IOException {
        if (claims.isEmpty()) {
            return Optional.empty();
        }
        BulkLines lines = new BulkLines();
        for (AppliedTidemark claim : claims) {
            ObjectNode body = Json.object().put("tidemark", claim.tidemark().toString());
            lines.index(
                    id(of, claim.partition()), claim.tidemark().number(), BulkLines.GREATER_OR_EQUAL, Json.text(body));
        }
        var answer = server.bulk(WRITE_ALIAS, lines.bytes());
        if (!answer.ok()) {
            return Optional.of(answer.error());
        }
        for (JsonNode item : answer.json().path("items")) {
            JsonNode result = item.iterator().next();
            BulkResult.requireThere(result, NAME, server);
            int status = result.path("status").asInt();
            if (status >= 300 && status != 409) {
                return Optional.of(result.path("error").path("reason").asText("HTTP " + status));
            }
        }
        return Optional.empty();
    }

    /** @param of the index documents are in now */
    Optional<TidemarkRef> appliedTidemark(Incarnation of) {
        var begun = server.orFail("GET", "/" + NAME + "/_doc/" + encoded(generation.toString()), null, 404);
        if (!begun.ok()) {
            return Optional.empty();
        }
        int partitions = begun.json().required("_source").required("partitions").asInt();
        return AppliedTidemark.ofGeneration(claims(of, partitions), partitions);
    }

    private List<AppliedTidemark> claims(Incarnation of, int partitions) {
        ObjectNode request = Json.object();
        var ids = request.putArray("ids");
        for (int partition = 0; partition < partitions; partition++) {
            ids.add(id(of, partition));
        }
        JsonNode documents =
                server.orFail("POST", "/" + NAME + "/_mget", request).json().path("docs");
        List<AppliedTidemark> claims = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            JsonNode source = documents.path(partition).path("_source").path("tidemark");
            if (source.isTextual()) {
                claims.add(new AppliedTidemark(partition, TidemarkRef.parse(source.asText())));
            }
        }
        return claims;
    }

    private String id(Incarnation of, int partition) {
        return generation + "/" + of.uuid() + "/" + partition;
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
