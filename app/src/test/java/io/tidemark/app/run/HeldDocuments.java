package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.store.Document;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import redis.clients.jedis.Jedis;

/**
 * What a store holds of orders, past Tidemark: as somebody else reads and changes it. A document has its position in the
 * field {@code _tidemark}.
 */
interface HeldDocuments extends AutoCloseable {

    String KEY = Document.POSITION_FIELD + "_key";

    Optional<ObjectNode> read(long id) throws Exception;

    void write(long id, ObjectNode document) throws Exception;

    void remove(long id) throws Exception;

    @Override
    default void close() throws SQLException {}

    /** An index of Elasticsearch; every write raises the document's version by one. */
    record Index(String alias) implements HeldDocuments {

        private static final HttpClient CLIENT = HttpClient.newHttpClient();

        @Override
        public Optional<ObjectNode> read(long id) throws IOException, InterruptedException {
            return ask(id, "GET", "").get("_source") instanceof ObjectNode source
                    ? Optional.of(source)
                    : Optional.empty();
        }

        @Override
        public void write(long id, ObjectNode document) throws IOException, InterruptedException {
            ask(id, "PUT", Json.text(document.put(KEY, "{\"id\":" + id + "}")));
        }

        @Override
        public void remove(long id) throws IOException, InterruptedException {
            ask(id, "DELETE", "");
        }

        private ObjectNode ask(long id, String method, String body) throws IOException, InterruptedException {
            URI uri = URI.create(SharedStack.elasticsearch().url() + "/" + alias + "/_doc/" + id);
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return Json.parseObject(
                    CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body());
        }
    }

    /** JSON strings of Redis. */
    record Strings(Jedis jedis, String prefix) implements HeldDocuments {

        @Override
        public Optional<ObjectNode> read(long id) {
            return Optional.ofNullable(jedis.get(prefix + id)).map(Json::parseObject);
        }

        @Override
        public void write(long id, ObjectNode document) {
            document.putObject(KEY).put("id", id);
            jedis.set(prefix + id, Json.text(document));
        }

        @Override
        public void remove(long id) {
            jedis.del(prefix + id);
        }

        @Override
        public void close() {
            jedis.close();
        }
    }

    /**
     * Rows of a warehouse.
     *
     * @param row the expression of a row {@code t} as the document it is
     * @param columns that a document is written to, and what is written: a select over {@code v (id, document)}
     */
    record Rows(Connection connection, String table, String row, String columns, String values)
            implements HeldDocuments {

        static Rows ofDocuments(Connection connection, String table) {
            return new Rows(
                    connection,
                    table,
                    "t.document || jsonb_build_object('_tidemark', t._tidemark)",
                    "id, document, _tidemark, _tidemark_order",
                    "v.id, v.document - '_tidemark', (v.document ->> '_tidemark')::bigint, 0");
        }

        /** Of the table of a mirror. */
        static Rows ofMirror(Connection connection, String table) {
            return new Rows(
                    connection,
                    table,
                    "to_jsonb(t)",
                    "id, customer_id, status, total, placed_at, note, _tidemark, _tidemark_order",
                    "v.id, r.customer_id, r.status, r.total, r.placed_at, r.note, r._tidemark, 0");
        }

        @Override
        public Optional<ObjectNode> read(long id) throws SQLException {
            try (PreparedStatement select =
                    connection.prepareStatement("select (" + row + ")::text from " + table + " t where id = ?")) {
                select.setLong(1, id);
                try (ResultSet found = select.executeQuery()) {
                    return found.next() ? Optional.of(Json.parseObject(found.getString(1))) : Optional.empty();
                }
            }
        }

        @Override
        public void write(long id, ObjectNode document) throws SQLException {
            remove(id);
            try (PreparedStatement insert = connection.prepareStatement("insert into " + table + " (" + columns
                    + ") select " + values + " from (select ?::bigint as id, ?::jsonb as document) v"
                    + " cross join lateral jsonb_populate_record(null::" + table + ", v.document) r")) {
                insert.setLong(1, id);
                insert.setString(2, Json.text(document));
                insert.executeUpdate();
            }
        }

        @Override
        public void remove(long id) throws SQLException {
            try (PreparedStatement delete = connection.prepareStatement("delete from " + table + " where id = ?")) {
                delete.setLong(1, id);
                delete.executeUpdate();
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
