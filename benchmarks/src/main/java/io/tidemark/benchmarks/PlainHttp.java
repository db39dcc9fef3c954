package io.tidemark.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.http.HttpHost;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.entity.ContentType;
import org.apache.http.util.EntityUtils;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.RestClient;

/** Elasticsearch's low-level client, one request at a time: bytes go out, bytes come in. */
final class PlainHttp implements AutoCloseable {

    private static final ContentType NDJSON = ContentType.create("application/x-ndjson");

    private final RestClient client;

    PlainHttp(String url) {
        client = RestClient.builder(HttpHost.create(url)).build();
    }

    /**
     * Asks and waits.
     *
     * @param body empty for none
     * @throws UncheckedIOException when the answer is no success
     */
    byte[] ask(String method, String path, byte[] body) {
        Request request = new Request(method, path);
        if (body.length > 0) {
            request.setEntity(
                    new ByteArrayEntity(body, path.contains("_bulk") ? NDJSON : ContentType.APPLICATION_JSON));
        }
        try {
            return EntityUtils.toByteArray(client.performRequest(request).getEntity());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
