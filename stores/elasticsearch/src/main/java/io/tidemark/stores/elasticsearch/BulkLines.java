package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.store.DocumentBody;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The body of a bulk request: a line per action, and a line per document, its text as it is. */
final class BulkLines {

    /** A version at or below the stored one is refused. */
    private static final String GREATER = "external";

    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    void index(String id, long version, DocumentBody document) {
        line(Json.text(action("index", id, version)));
        line(document.text());
    }

    void delete(String id, long version) {
        line(Json.text(action("delete", id, version)));
    }

    /** Refused where there is one. */
    void create(String id, String document) {
        line(Json.text(action("create", id)));
        line(document);
    }

    /** Refused unless the document's last write was this one. */
    void replace(String id, long seqNo, long primaryTerm, String document) {
        ObjectNode action = action("index", id);
        ((ObjectNode) action.required("index")).put("if_seq_no", seqNo).put("if_primary_term", primaryTerm);
        line(Json.text(action));
        line(document);
    }

    /** Whatever there is. */
    void delete(String id) {
        line(Json.text(action("delete", id)));
    }

    byte[] bytes() {
        return lines.toByteArray();
    }

    private static ObjectNode action(String name, String id, long version) {
        ObjectNode action = action(name, id);
        ((ObjectNode) action.required(name)).put("version", version).put("version_type", GREATER);
        return action;
    }

    private static ObjectNode action(String name, String id) {
        ObjectNode action = Json.object();
        action.putObject(name).put("_id", id);
        return action;
    }

    private void line(String json) {
        line(json.getBytes(StandardCharsets.UTF_8));
    }

    private void line(byte[] json) {
        lines.writeBytes(json);
        lines.write('\n');
    }
}
