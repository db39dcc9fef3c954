package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import java.math.BigDecimal;
import java.util.Map;

/** Orders of four tables, about 1 KB each: the same ones for everyone who asks, numbered from 1. */
final class OrderDocuments {

    /** Their numeric fields, as an index types them. */
    static final Map<String, String> NUMBERS = Map.of(
            "id", "long",
            "total", "double",
            "customer.id", "long",
            "lines.line_no", "long",
            "lines.quantity", "long",
            "lines.price", "double");

    private static final int LINES = 6;
    private static final String[] WORDS = {"amber", "birch", "cobalt", "dune", "ember", "fjord", "granite"};

    private OrderDocuments() {}

    static RowKey key(long id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    /** Every document has a position of its own. */
    static Version version(long id) {
        return new Version(id, 0);
    }

    static ObjectNode body(long id) {
        ObjectNode body = Json.object()
                .put("id", id)
                .put("status", id % 3 == 0 ? "shipped" : "paid")
                .put("total", money(id * 37 % 100_000))
                .put("placed_at", "2026-03-" + (10 + id % 20) + "T08:15:30.123456+00:00");
        body.putObject("customer")
                .put("id", id % 50_000)
                .put("name", "Customer " + word(id) + " " + word(id / 7) + " " + id % 50_000)
                .put("tier", id % 5 == 0 ? "gold" : "basic");
        ArrayNode lines = body.putArray("lines");
        for (int line = 1; line <= LINES; line++) {
            lines.add(line(line, id * 31 + line * 7L));
        }
        return body;
    }

    private static ObjectNode line(int number, long seed) {
        ObjectNode line = Json.object()
                .put("line_no", number)
                .put("quantity", 1 + seed % 9)
                .put("price", money(seed * 13 % 50_000));
        line.putObject("product")
                .put("sku", "SKU-" + seed % 10_000)
                .put("name", "The " + word(seed) + " " + word(seed / 3) + " thing, number " + seed % 10_000)
                .put("category", word(seed / 11));
        return line;
    }

    private static BigDecimal money(long cents) {
        return BigDecimal.valueOf(cents, 2);
    }

    private static String word(long seed) {
        return WORDS[(int) (seed % WORDS.length)];
    }

    /** As Tidemark stores a document in an index. */
    static String inIndex(long id) {
        ObjectNode source = Json.object()
                .put(Document.POSITION_FIELD, version(id).position())
                .put(Document.POSITION_FIELD + "_key", key(id).json());
        source.setAll(body(id));
        return Json.text(source);
    }

    /** As Tidemark stores a document of a first generation under a Redis key. */
    static String inRedis(long id) {
        ObjectNode value = Json.object()
                .put(Document.POSITION_FIELD, version(id).position())
                .put(Document.POSITION_FIELD + "_generation", 1);
        value.set(Document.POSITION_FIELD + "_key", key(id).values());
        value.setAll(body(id));
        return Json.text(value);
    }

    /** What a store must hold of the first so many. */
    static Digest digest(long count) {
        DocumentDigest digest = new DocumentDigest();
        for (long id = 1; id <= count; id++) {
            digest.add(body(id));
        }
        return digest.digest();
    }
}
