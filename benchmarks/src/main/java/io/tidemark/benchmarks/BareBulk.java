package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A process that does nothing but send bulk requests, prepared in memory, to an index made as Tidemark makes it: the same
 * documents, ids and external versions, one request after the other. Of the answer it looks for an error only.
 */
final class BareBulk {

    private static final byte[] FINE = "\"errors\":false".getBytes(StandardCharsets.US_ASCII);

    private BareBulk() {}

    /** Documents, documents in a request, place. */
    public static void main(String[] arguments) throws Exception {
        ElasticsearchPlace place =
                (ElasticsearchPlace) Place.of(Arrays.asList(arguments).subList(2, arguments.length));
        List<byte[]> requests = requests(Long.parseLong(arguments[0]), Integer.parseInt(arguments[1]));
        place.make();
        Stopwatch watch = new Stopwatch();
        try (PlainHttp http = new PlainHttp(place.url())) {
            watch.start();
            for (byte[] request : requests) {
                requireFine(http.ask("POST", "/" + place.index() + "/_bulk", request));
            }
            watch.stop();
        }
        watch.report();
    }

    private static List<byte[]> requests(long documents, int each) {
        List<byte[]> requests = new ArrayList<>();
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        for (long id = 1; id <= documents; id++) {
            var action = Json.object();
            action.putObject("index")
                    .put("_id", Long.toString(id))
                    .put("version", OrderDocuments.version(id).position())
                    .put("version_type", "external");
            request.writeBytes(
                    (Json.text(action) + "\n" + OrderDocuments.inIndex(id) + "\n").getBytes(StandardCharsets.UTF_8));
            if (id % each == 0 || id == documents) {
                requests.add(request.toByteArray());
                request.reset();
            }
        }
        return requests;
    }

    private static void requireFine(byte[] answer) {
        // It says so near its beginning: {"errors":false,"took":30,...
        int end = Math.min(answer.length, 100);
        for (int at = 0; at + FINE.length <= end; at++) {
            if (Arrays.equals(answer, at, at + FINE.length, FINE, 0, FINE.length)) {
                return;
            }
        }
        String text = new String(answer, 0, Math.min(answer.length, 500), StandardCharsets.UTF_8);
        throw new IllegalStateException("Elasticsearch refuses: " + text);
    }
}
