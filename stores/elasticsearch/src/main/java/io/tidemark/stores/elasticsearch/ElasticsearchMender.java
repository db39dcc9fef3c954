package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.stores.elasticsearch.BulkLines.Fence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mends documents in the index of one generation. A document whose version somebody raised past the position it is right
 * as of is replaced as it was found, or not at all; the raised version stays, and the generation's writer knows how to get
 * past it.
 *
 * <p>A deleted document whose version was raised keeps a later one of its key out until Elasticsearch forgets the delete.
 */
public final class ElasticsearchMender implements DocumentMender {

    private static final int DOCUMENTS_PER_REQUEST = 200;
    private static final int CONFLICT = 409;

    private final ElasticsearchServer server;
    private final PhysicalIndex index;

    public ElasticsearchMender(ElasticsearchSettings settings, String alias, Generation generation) {
        this.index = PhysicalIndex.of(alias, generation);
        this.server = new ElasticsearchServer(settings);
    }

    @Override
    public List<MendOutcome> mend(List<Mend> mends) {
        Incarnation into = index.incarnation(server).orElseThrow(() -> BulkResult.gone(index.name(), server));
        List<MendOutcome> outcomes = new ArrayList<>();
        try {
            for (List<Mend> some : requests(mends)) {
                outcomes.addAll(mend(some, find(some), into));
            }
            return outcomes;
        } catch (IOException e) {
            throw server.unreachable(e);
        }
    }

    private static List<List<Mend>> requests(List<Mend> mends) {
        List<List<Mend>> requests = new ArrayList<>();
        List<Mend> current = new ArrayList<>();
        int bytes = 0;
        for (Mend mend : mends) {
            DocumentBody content = mend.document().content();
            int size = content == null ? 0 : content.text().length;
            if (!current.isEmpty()
                    && (current.size() == DOCUMENTS_PER_REQUEST || bytes + size > BulkWrite.REQUEST_BYTES)) {
                requests.add(current);
                current = new ArrayList<>();
                bytes = 0;
            }
            current.add(mend);
            bytes += size;
        }
        if (!current.isEmpty()) {
            requests.add(current);
        }
        return requests;
    }

    /** As of now, not as of the last refresh. */
    private List<Optional<FoundDocument>> find(List<Mend> mends) {
        ObjectNode request = Json.object();
        var ids = request.putArray("ids");
        mends.forEach(mend -> ids.add(mend.document().key().text()));
        String path = "/" + index.name() + "/_mget?_source=" + Document.POSITION_FIELD;
        JsonNode documents = server.orFail("POST", path, request).json().path("docs");
        List<Optional<FoundDocument>> found = new ArrayList<>();
        for (int i = 0; i < mends.size(); i++) {
            RowKey key = mends.get(i).document().key();
            found.add(ElasticsearchReader.isForeign(key) ? findElsewhere(key) : FoundDocument.of(documents.path(i)));
        }
        return found;
    }

    /** What a scan shows under an id, on whatever shard; not what is there by rights. */
    private Optional<FoundDocument> findElsewhere(RowKey foreign) {
        server.orFail("POST", "/" + index.name() + "/_refresh", null);
        ObjectNode request = Json.object().put("version", true).put("seq_no_primary_term", true);
        request.putObject("query").putObject("ids").putArray("values").add(foreign.text());
        JsonNode hits = server.orFail("POST", "/" + index.name() + "/_search", request)
                .json()
                .path("hits")
                .path("hits");
        for (JsonNode hit : hits) {
            String said = hit.path("_source").path(PhysicalIndex.KEY).asText();
            if (hit.has("_routing") || !ElasticsearchReader.isUnder(new RowKey(said), foreign.text())) {
                return Optional.of(FoundDocument.ofHit(hit));
            }
        }
        return Optional.empty();
    }

    private List<MendOutcome> mend(List<Mend> mends, List<Optional<FoundDocument>> found, Incarnation into)
            throws IOException {
        MendOutcome[] outcomes = new MendOutcome[mends.size()];
        List<Integer> sent = new ArrayList<>();
        BulkLines lines = new BulkLines();
        for (int i = 0; i < outcomes.length; i++) {
            Mend mend = mends.get(i);
            boolean foreign = ElasticsearchReader.isForeign(mend.document().key());
            if (found.get(i)
                    .filter(document -> !mend.replaces(document.position()))
                    .isPresent()) {
                outcomes[i] = MendOutcome.newer();
            } else if (foreign && found.get(i).isEmpty()) {
                outcomes[i] = MendOutcome.mended(); // what is there by its id is there by rights
            } else {
                add(lines, mend.document(), found.get(i));
                sent.add(i);
            }
        }
        if (!sent.isEmpty()) {
            JsonNode results = send(lines, into);
            for (int i = 0; i < sent.size(); i++) {
                outcomes[sent.get(i)] = outcome(results.path(i).elements().next());
            }
        }
        return List.of(outcomes);
    }

    private static void add(BulkLines lines, Document document, Optional<FoundDocument> found) {
        long version = document.version().position();
        DocumentBody content = document.content();
        boolean foreign = ElasticsearchReader.isForeign(document.key());
        Optional<FoundDocument> other = found.filter(now -> foreign || now.version() > version);
        if (content == null) {
            other.ifPresentOrElse(
                    lines::delete, () -> lines.delete(document.key().text(), version, Fence.AT_LEAST));
        } else {
            DocumentBody source = BulkWrite.source(document, content);
            other.ifPresentOrElse(
                    now -> lines.replace(now, source),
                    () -> lines.index(document.key().text(), version, Fence.AT_LEAST, source));
        }
    }

    private JsonNode send(BulkLines lines, Incarnation into) throws IOException {
        var answer = server.bulk(into.writeAlias(), lines.bytes());
        if (!answer.ok()) {
            throw server.failure(answer);
        }
        return answer.json().path("items");
    }

    private MendOutcome outcome(JsonNode result) {
        BulkResult.requireThere(result, index.name(), server);
        if (result.path("status").asInt() == CONFLICT) {
            return MendOutcome.newer();
        }
        WriteOutcome outcome = BulkResult.outcome(result);
        if (outcome instanceof WriteOutcome.Rejected rejected) {
            return new MendOutcome.Refused(rejected.reason());
        }
        if (outcome instanceof WriteOutcome.Retriable retriable) {
            throw new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    server.display() + " cannot mend documents of " + index.name() + " now: " + retriable.cause());
        }
        return MendOutcome.mended();
    }

    @Override
    public void close() {
        server.close();
    }
}
