package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TlsFailure;
import io.tidemark.model.TrustedAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.apache.http.message.BasicHeader;
import org.apache.http.util.EntityUtils;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.Response;
import org.elasticsearch.client.ResponseException;
import org.elasticsearch.client.RestClient;
import org.jspecify.annotations.Nullable;

/**
 * Elasticsearch over its low-level client: JSON goes out and comes in as bytes, so no number passes through a double.
 */
final class ElasticsearchServer implements AutoCloseable {

    /** An answer with its HTTP status; the JSON is empty when the server sent none. */
    record Answer(int status, ObjectNode json) {

        boolean ok() {
            return status < 300;
        }

        /** The server's type of error, such as {@code index_not_found_exception}; empty for none. */
        String errorType() {
            return json.path("error").path("type").asText("");
        }

        String error() {
            String reason = json.path("error").path("reason").asText("");
            return "HTTP " + status + (reason.isEmpty() ? "" : ", " + errorType() + ": " + reason);
        }
    }

    private static final ContentType NDJSON = ContentType.create("application/x-ndjson");
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int ANSWER_TIMEOUT_MS = 60_000;

    private final ElasticsearchSettings settings;
    private final RestClient client;

    ElasticsearchServer(ElasticsearchSettings settings) {
        this.settings = settings;
        URI uri = settings.uri();
        int defaultPort = "https".equals(uri.getScheme()) ? 443 : 9200;
        var builder = RestClient.builder(
                        new HttpHost(uri.getHost(), uri.getPort() < 0 ? defaultPort : uri.getPort(), uri.getScheme()))
                .setDefaultHeaders(authorization(settings))
                .setRequestConfigCallback(
                        config -> config.setConnectTimeout(CONNECT_TIMEOUT_MS).setSocketTimeout(ANSWER_TIMEOUT_MS));
        Path authority = settings.authority();
        if (authority != null) {
            SSLContext trusting = TrustedAuthority.in(authority);
            builder.setHttpClientConfigCallback(client -> client.setSSLContext(trusting));
        }
        String path = uri.getPath();
        if (path != null && path.length() > 1) {
            builder.setPathPrefix(path);
        }
        this.client = builder.build();
    }

    /** Asks, and gives the answer whatever its status. */
    Answer ask(String method, String path, @Nullable ObjectNode body) throws IOException {
        Request request = new Request(method, path);
        if (body != null) {
            request.setEntity(new ByteArrayEntity(Json.bytes(body), ContentType.APPLICATION_JSON));
        }
        return send(request);
    }

    /**
     * Sends a bulk request.
     *
     * @param alias not the name of an index: Elasticsearch makes an index that is missing, and refuses a missing alias
     * @param fields of each item's answer, besides status and error
     */
    Answer bulk(String alias, byte[] lines, String... fields) throws IOException {
        Request request = new Request("POST", "/" + alias + "/_bulk");
        request.addParameter("require_alias", "true");
        StringBuilder filter = new StringBuilder("items.*.status,items.*.error,error");
        for (String field : fields) {
            filter.append(",items.*.").append(field);
        }
        request.addParameter("filter_path", filter.toString());
        request.setEntity(new ByteArrayEntity(lines, NDJSON));
        return send(request);
    }

    /** Gives an index an alias that no pattern finds, where it has none of that name. */
    void addHiddenAlias(String index, String alias) {
        orFail("PUT", "/" + index + "/_alias/" + alias, Json.object().put("is_hidden", true));
    }

    /** As {@link #ask}, with everything but success and the status expected for people. */
    Answer orFail(String method, String path, @Nullable ObjectNode body, int... expected) {
        try {
            Answer answer = ask(method, path, body);
            if (answer.ok() || java.util.Arrays.stream(expected).anyMatch(status -> status == answer.status())) {
                return answer;
            }
            throw failure(answer);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    TidemarkException unreachable(IOException e) {
        Optional<TlsFailure> tls = TlsFailure.in(e);
        if (tls.isPresent()) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "Elasticsearch at " + settings.url() + " cannot be trusted: "
                            + tls.get().reason() + ". " + tls.get().remedyOfStore(),
                    e);
        }
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Elasticsearch at " + settings.url() + " does not answer (" + reason(e)
                        + "): check that it runs and that the url is right",
                e);
    }

    private static String reason(IOException e) {
        return e.getCause() instanceof UnknownHostException
                ? "there is no host " + e.getMessage()
                : String.valueOf(e.getMessage());
    }

    TidemarkException failure(Answer answer) {
        return switch (answer.status()) {
            case 401, 403 ->
                new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "Elasticsearch at " + settings.url() + " refuses the credentials (" + answer.error()
                                + "): check user and password or API key, and their privileges");
            case 429, 502, 503, 504 ->
                new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "Elasticsearch at " + settings.url() + " cannot answer now (" + answer.error() + ")");
            default ->
                new TidemarkException(
                        ErrorCode.FAILED,
                        "Elasticsearch at " + settings.url() + " refuses a request of Tidemark's: " + answer.error());
        };
    }

    String display() {
        return "Elasticsearch at " + settings.url();
    }

    private Answer send(Request request) throws IOException {
        try {
            return answer(client.performRequest(request));
        } catch (ResponseException e) {
            return answer(e.getResponse());
        }
    }

    private static Answer answer(Response response) throws IOException {
        int status = response.getStatusLine().getStatusCode();
        if (response.getEntity() == null) {
            return new Answer(status, Json.object());
        }
        byte[] bytes = EntityUtils.toByteArray(response.getEntity());
        return new Answer(status, parse(bytes).orElseGet(Json::object));
    }

    /** A proxy in between may answer with something else than JSON. */
    private static Optional<ObjectNode> parse(byte[] bytes) {
        try {
            return Optional.of(Json.parseObject(bytes));
        } catch (IllegalArgumentException notJson) {
            return Optional.empty();
        }
    }

    private static Header[] authorization(ElasticsearchSettings settings) {
        List<Header> headers = new ArrayList<>();
        Secret password = settings.password();
        Secret apiKey = settings.apiKey();
        if (password != null) {
            byte[] pair = (settings.user() + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8);
            headers.add(new BasicHeader(
                    "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair)));
        }
        if (apiKey != null) {
            headers.add(new BasicHeader("Authorization", "ApiKey " + apiKey.reveal()));
        }
        return headers.toArray(Header[]::new);
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Closing the connections to " + display() + " failed", e);
        }
    }
}
