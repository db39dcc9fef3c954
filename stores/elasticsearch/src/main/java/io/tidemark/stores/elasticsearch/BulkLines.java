package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The body of a bulk request: a line per action, and a line per document, its text as it is. */
final class BulkLines {

    /** A version at or below the stored one is refused. */
    static final String GREATER = "external";
    /** A version below the stored one is refused. */
    static final String GREATER_OR_EQUAL = "external_gte";

    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    void index(String id, long version, String versionType, String document) {
        line(Json.text(action("index", id, version, versionType)));
        line(document);
    }

    void delete(String id, long version) {
        line(Json.text(action("delete", id, version, GREATER)));
    }

    byte[] bytes() {
        return lines.toByteArray();
    }

    private static ObjectNode action(String name, String id, long version, String versionType) {
        ObjectNode action = Json.object();
        action.putObject(name).put("_id", id).put("version", version).put("version_type", versionType);
        return action;
    }

    private void line(String json) {
        lines.writeBytes(json.getBytes(StandardCharsets.UTF_8));
        lines.write('\n');
    }
}
