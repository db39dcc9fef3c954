package io.tidemark.stores.redis;

import io.tidemark.localstack.RedisServer;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.conformance.Difference;
import io.tidemark.testkit.conformance.ServerUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import redis.clients.jedis.Jedis;

/** An emptied Redis, and documents in one of the forms that can be read back. */
final class RedisUnderTest extends ServerUnderTest {

    private static final Duration SHORT = Duration.ofSeconds(4);
    private static final Duration MARGIN = Duration.ofMillis(200);

    static final RedisTarget STRINGS = RedisTarget.json("order:{id}", List.of("id"));
    static final RedisTarget HASHES = RedisTarget.hash("order:{id}", List.of("id"), List.of("id", "v"));

    private final RedisServer server;
    private final RedisTarget target;
    private final Path data;
    private Duration tombstones = Duration.ofHours(1);

    RedisUnderTest(RedisTarget target) {
        this(target, SharedStack.redis());
    }

    private RedisUnderTest(RedisTarget target, RedisServer server) {
        super(server);
        this.target = target;
        this.server = server;
        try (Jedis jedis = new Jedis(URI.create(server.url()))) {
            this.data = Path.of(jedis.configGet("dir").get("dir"));
        }
        empty();
    }

    @Override
    public Generation generation() {
        return new Generation("orders", 1, "lineage-a");
    }

    @Override
    public String collection() {
        return "orders";
    }

    @Override
    public DocumentWriter writer(Generation generation, int partitions) {
        RedisSettings proxied = settings("redis://127.0.0.1:" + proxyPort()).withTombstones(tombstones);
        return new RedisWriter(proxied, target, generation, partitions);
    }

    @Override
    public DocumentMender mender(Generation generation) {
        return new RedisMender(settings(server.url()), target, generation);
    }

    @Override
    public DocumentReader reader(Generation generation) {
        return new RedisReader(settings(server.url()), target, generation);
    }

    private static RedisSettings settings(String url) {
        return RedisSettings.parse(new Secret(url));
    }

    /** Redis takes any value; but not where somebody keeps a list. */
    @Override
    public Document poison(long id, long position) {
        on(jedis -> jedis.lpush("order:" + id, "somebody else's"));
        var body = Json.object().put("id", id).put("v", "v" + position);
        return new Document(collection(), new RowKey("{\"id\":" + id + "}"), new Version(position, 0), body);
    }

    @Override
    public Map<Difference, String> differences() {
        return Map.of();
    }

    /** What Redis keeps over a restart is for its configuration to say; here it is everything. */
    @Override
    public void kill() {
        on(Jedis::save);
        super.kill();
    }

    @Override
    public void readOnly(boolean on) {
        on(on ? jedis -> jedis.replicaof("127.0.0.1", 1) : Jedis::replicaofNoOne);
    }

    @Override
    public void full(boolean on) {
        on(jedis -> jedis.configSet("maxmemory", on ? "1" : "0"));
    }

    @Override
    public void empty() {
        on(Jedis::flushAll);
    }

    /** As a file to be loaded at a start. */
    @Override
    public void backUp() {
        on(Jedis::save);
        copy(file("dump.rdb"), file("backup.rdb"));
    }

    @Override
    public void setBack() {
        super.kill();
        copy(file("backup.rdb"), file("dump.rdb"));
        restart();
    }

    private Path file(String name) {
        return data.resolve(name);
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void shortenGrace() {
        tombstones = SHORT;
    }

    @Override
    public void outlastGrace() {
        LockSupport.parkNanos(tombstones.plus(MARGIN).toNanos());
    }

    private void on(Consumer<Jedis> work) {
        try (Jedis jedis = new Jedis(URI.create(server.url()))) {
            work.accept(jedis);
        }
    }

    @Override
    public void close() {
        super.close();
        readOnly(false);
        full(false);
    }
}
