package io.tidemark.app.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;

/** An answer to a request. */
public record Answer(int status, String contentType, String body) {

    public static final int OK = 200;
    public static final int BAD_REQUEST = 400;
    public static final int NOT_FOUND = 404;
    public static final int NOT_ALLOWED = 405;
    public static final int FAILED = 500;
    public static final int UNAVAILABLE = 503;
    public static final int NOT_IN_TIME = 504;

    public static Answer json(int status, JsonNode body) {
        return new Answer(status, "application/json", Json.text(body) + "\n");
    }

    /** What is wrong, in a field {@code error}. */
    static Answer error(int status, String message) {
        return json(status, Json.object().put("error", message));
    }
}
