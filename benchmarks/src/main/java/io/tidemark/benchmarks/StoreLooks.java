package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.Map;
import redis.clients.jedis.Jedis;

/** Looks as an application takes them, each over a connection of its own. */
final class StoreLooks {

    private StoreLooks() {}

    static Sightings.Look elasticsearchById(PlainHttp http, String alias) {
        return orders -> {
            ObjectNode request = Json.object();
            ArrayNode ids = request.putArray("ids");
            orders.forEach(id -> ids.add(id.toString()));
            String path = "/" + alias + "/_mget?_source=id,revision";
            return revisions(answer(http, path, request).path("docs"));
        };
    }

    static Sightings.Look elasticsearchSearch(PlainHttp http, String alias) {
        return orders -> {
            ObjectNode request = Json.object().put("size", orders.size());
            request.putArray("_source").add("id").add("revision");
            ArrayNode ids = request.putObject("query").putObject("terms").putArray("id");
            orders.forEach(ids::add);
            return revisions(
                    answer(http, "/" + alias + "/_search", request).path("hits").path("hits"));
        };
    }

    private static JsonNode answer(PlainHttp http, String path, ObjectNode request) {
        return Json.parse(http.ask("POST", path, Json.bytes(request)));
    }

    private static Map<Long, Long> revisions(JsonNode documents) {
        Map<Long, Long> revisions = new HashMap<>();
        documents.forEach(document -> add(document.path("_source"), revisions));
        return revisions;
    }

    private static void add(JsonNode document, Map<Long, Long> revisions) {
        if (document.has("revision")) {
            revisions.put(
                    document.path("id").asLong(), document.path("revision").asLong());
        }
    }

    static Sightings.Look redis(Jedis jedis, String prefix) {
        return orders -> {
            Map<Long, Long> revisions = new HashMap<>();
            byte[][] keys = orders.stream()
                    .map(id -> (prefix + id).getBytes(StandardCharsets.UTF_8))
                    .toArray(byte[][]::new);
            for (byte[] value : jedis.mget(keys)) {
                if (value != null) {
                    add(Json.parseObject(value), revisions);
                }
            }
            return revisions;
        };
    }

    static Jedis connect(String url) {
        return new Jedis(URI.create(url));
    }

    /**
     * A query.
     *
     * @param revision what of {@code table} is the revision
     */
    static Sightings.Look sql(Connection connection, String table, String revision) {
        return orders -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT id, " + revision + " FROM " + table + " WHERE id = ANY (?)")) {
                select.setArray(1, connection.createArrayOf("bigint", orders.toArray()));
                return revisions(select);
            }
        };
    }

    private static Map<Long, Long> revisions(PreparedStatement select) throws java.sql.SQLException {
        Map<Long, Long> revisions = new HashMap<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                revisions.put(row.getLong(1), row.getLong(2));
            }
        }
        return revisions;
    }
}
