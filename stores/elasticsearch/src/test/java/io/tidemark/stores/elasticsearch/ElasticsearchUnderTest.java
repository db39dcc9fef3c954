package io.tidemark.stores.elasticsearch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.conformance.Difference;
import io.tidemark.testkit.conformance.ServerUnderTest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** An alias of its own. */
final class ElasticsearchUnderTest extends ServerUnderTest {

    private static final AtomicInteger ALIASES = new AtomicInteger();
    private static final Duration SHORT = Duration.ofSeconds(4);
    /** The server's clock for deletes ticks this often at the latest. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final String url;
    private final String alias = "conforming" + ALIASES.incrementAndGet();
    private final String index = alias + "-1";

    ElasticsearchUnderTest() {
        this(SharedStack.elasticsearch());
    }

    private ElasticsearchUnderTest(io.tidemark.localstack.ElasticsearchServer server) {
        super(server);
        this.url = server.url();
    }

    @Override
    public Generation generation() {
        return new Generation(alias, 1, "lineage-a");
    }

    @Override
    public String collection() {
        return alias;
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        var proxied = ElasticsearchSettings.of("http://127.0.0.1:" + proxyPort());
        return new ElasticsearchWriter(proxied, alias, generation, partitions, Map.of(), IndexAdditions.none());
    }

    @Override
    public DocumentMender mender(Generation generation) {
        return new ElasticsearchMender(ElasticsearchSettings.of(url), alias, generation);
    }

    @Override
    public DocumentReader reader(Generation generation) {
        return new ElasticsearchReader(ElasticsearchSettings.of(url), alias, generation);
    }

    /** A text field takes no object. */
    @Override
    public Document poison(long id, long position) {
        ObjectNode mapping = Json.parseObject("{\"properties\":{\"v\":{\"type\":\"text\"}}}");
        ask("PUT", "/" + index + "/_mapping", mapping);
        ObjectNode body = Json.object().put("id", id);
        body.putObject("v").put("not", "text");
        return new Document(collection(), new RowKey("{\"id\":" + id + "}"), new Version(position, 0), body);
    }

    @Override
    public Map<Difference, String> differences() {
        return Map.of(
                Difference.RESTART_FORGETS_DELETES,
                "a node remembers the versions of deletes in memory; what it replays at its start is what was not flushed");
    }

    /** After a flush, as happens by itself now and then. */
    @Override
    public void kill() {
        ask("POST", "/" + index + "/_flush", null);
        super.kill();
    }

    /** A node answers before its shards do. What other tests leave without a place for its replicas is not waited for. */
    @Override
    public void restart() {
        super.restart();
        ask(
                "GET",
                "/_cluster/health/" + ours()
                        + "?wait_for_no_initializing_shards=true&wait_for_status=green&timeout=30s",
                null);
    }

    @Override
    public void readOnly(boolean on) {
        block("index.blocks.read_only", on);
    }

    /** What the server does itself when its disk is almost full. */
    @Override
    public void full(boolean on) {
        block("index.blocks.read_only_allow_delete", on);
    }

    private void block(String name, boolean on) {
        ObjectNode settings = Json.object();
        if (on) {
            settings.put(name, true);
        } else {
            settings.putNull(name);
        }
        ask("PUT", "/" + index + "," + TidemarkIndex.NAME + "/_settings?ignore_unavailable=true", settings);
    }

    @Override
    public void empty() {
        ask("DELETE", "/" + index + "," + TidemarkIndex.NAME, null);
    }

    @Override
    public void backUp() {
        ObjectNode repository = Json.object().put("type", "fs");
        repository.putObject("settings").put("location", alias);
        ask("PUT", "/_snapshot/" + alias, repository);
        ObjectNode indices = Json.object().put("indices", ours()).put("include_global_state", false);
        ask("PUT", "/_snapshot/" + alias + "/backup?wait_for_completion=true", indices);
    }

    /** Into the same indexes, which is the harder to notice: they keep their uuids. */
    @Override
    public void setBack() {
        ask("POST", "/" + ours() + "/_close", null);
        ObjectNode indices = Json.object().put("indices", ours()).put("include_global_state", false);
        ask("POST", "/_snapshot/" + alias + "/backup/_restore?wait_for_completion=true", indices);
    }

    private String ours() {
        return index + "," + TidemarkIndex.NAME;
    }

    @Override
    public void shortenGrace() {
        String time = SHORT.toSeconds() + "s";
        ask("PUT", "/" + index + "/_settings", Json.object().put("index.gc_deletes", time));
    }

    /** Deletes are forgotten when a refresh finds them too old. */
    @Override
    public void outlastGrace() {
        LockSupport.parkNanos(SHORT.plus(MARGIN).toNanos());
        ask("POST", "/" + index + "/_refresh", null);
    }

    private void ask(String method, String path, @Nullable ObjectNode body) {
        try (ElasticsearchServer server = new ElasticsearchServer(ElasticsearchSettings.of(url))) {
            server.orFail(method, path, body);
        }
    }

    @Override
    public void close() {
        super.close();
        readOnly(false);
        full(false);
    }
}
