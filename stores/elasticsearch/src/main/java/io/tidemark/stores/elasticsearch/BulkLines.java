package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.store.DocumentBody;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The body of a bulk request: a line per action, and a line per document, its text as it is. */
final class BulkLines {

    /** Which versions the stored one refuses. */
    enum Fence {
        /** Those at or below it. */
        GREATER("external"),
        /** Those below it. */
        AT_LEAST("external_gte");

        private final String type;

        Fence(String type) {
            this.type = type;
        }
    }

    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    void index(String id, long version, Fence fence, DocumentBody document) {
        line(Json.text(action("index", id, version, fence)));
        line(document.text());
    }

    void delete(String id, long version, Fence fence) {
        line(Json.text(action("delete", id, version, fence)));
    }

    /** Refused where there is one. */
    void create(String id, String document) {
        line(Json.text(action("create", id)));
        line(document);
    }

    /** Refused unless the document's last write was this one. */
    void replace(String id, long seqNo, long primaryTerm, String document) {
        line(Json.text(conditional(action("index", id), seqNo, primaryTerm)));
        line(document);
    }

    /** Refused unless the document is still as it was found. */
    void replace(FoundDocument found, DocumentBody document) {
        line(Json.text(of(found, "index")));
        line(document.text());
    }

    /** Refused unless the document is still as it was found. */
    void delete(FoundDocument found) {
        line(Json.text(of(found, "delete")));
    }

    /** Whatever there is. */
    void delete(String id) {
        line(Json.text(action("delete", id)));
    }

    byte[] bytes() {
        return lines.toByteArray();
    }

    private static ObjectNode action(String name, String id, long version, Fence fence) {
        ObjectNode action = action(name, id);
        ((ObjectNode) action.required(name)).put("version", version).put("version_type", fence.type);
        return action;
    }

    private static ObjectNode of(FoundDocument found, String name) {
        ObjectNode action = conditional(action(name, found.id()), found.seqNo(), found.primaryTerm());
        found.routing().ifPresent(routing -> ((ObjectNode) action.required(name)).put("routing", routing));
        return action;
    }

    private static ObjectNode conditional(ObjectNode action, long seqNo, long primaryTerm) {
        ((ObjectNode) action.elements().next()).put("if_seq_no", seqNo).put("if_primary_term", primaryTerm);
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
