package io.tidemark.connect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.localstack.ConnectCluster;
import io.tidemark.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/** The REST interface of a Connect cluster. */
final class ConnectRest {

    /** While the group of workers changes, or before they have read what was asked for, they want to be asked again. */
    private static final Set<Integer> NOT_NOW = Set.of(404, 409, 500, 503);

    private static final int TRIES = 300;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final ConnectCluster cluster;
    private final HttpClient http = HttpClient.newHttpClient();

    ConnectRest(ConnectCluster cluster) {
        this.cluster = cluster;
    }

    void create(String name, Map<String, String> config) {
        ok("PUT", "/connectors/" + name + "/config", json(config));
    }

    void delete(String name) {
        ok("DELETE", "/connectors/" + name, null);
    }

    void put(String name, String verb) {
        ok("PUT", "/connectors/" + name + "/" + verb, null);
    }

    void resetOffsets(String name) {
        ok("DELETE", "/connectors/" + name + "/offsets", null);
    }

    JsonNode status(String name) {
        return ok("GET", "/connectors/" + name + "/status", null);
    }

    /** The states of a connector's tasks. */
    List<String> tasks(String name) {
        return status(name).path("tasks").findValuesAsText("state");
    }

    /** The workers that run a connector's tasks. */
    Set<String> workers(String name) {
        return new TreeSet<>(status(name).path("tasks").findValuesAsText("worker_id"));
    }

    /** Everything a worker knows how to run, by class, with its version. */
    JsonNode plugins() {
        return ok("GET", "/connector-plugins?connectorsOnly=false", null);
    }

    /** Errors by key of the configuration. */
    ObjectNode errors(String type, Map<String, String> config) {
        ObjectNode errors = Json.object();
        JsonNode answer = ok("PUT", "/connector-plugins/" + type + "/config/validate", json(config));
        answer.path("configs").forEach(each -> {
            JsonNode value = each.path("value");
            if (!value.path("errors").isEmpty()) {
                errors.set(value.path("name").asText(), value.path("errors"));
            }
        });
        return errors;
    }

    private static String json(Map<String, String> config) {
        ObjectNode json = Json.object();
        config.forEach(json::put);
        return Json.text(json);
    }

    private JsonNode ok(String method, String path, String body) {
        HttpResponse<String> answer = send(method, path, body);
        for (int i = 1; i < TRIES && NOT_NOW.contains(answer.statusCode()); i++) {
            LockSupport.parkNanos(PAUSE.toNanos());
            answer = send(method, path, body);
        }
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body().isEmpty() ? Json.object() : Json.parse(answer.body());
    }

    private HttpResponse<String> send(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(cluster.url() + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
