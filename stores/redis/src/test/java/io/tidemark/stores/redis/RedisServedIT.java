package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Jedis;

/** Keys that one generation takes over from another, one by one. */
class RedisServedIT {

    /** What documents are under their keys. */
    enum Kind {
        STRINGS,
        HASHES,
        EXPIRING,
        BEHIND_A_POINTER;

        RedisTarget target() {
            return switch (this) {
                case STRINGS -> RedisTarget.json("order:{id}", List.of("id"));
                case HASHES -> RedisTarget.hash("order:{id}", List.of("id"), List.of("by"));
                case EXPIRING -> RedisTarget.json("order:{id}", List.of("id")).withTtl(Duration.ofHours(2));
                case BEHIND_A_POINTER ->
                    RedisTarget.json("order:{id}", List.of("id")).behindPointer();
            };
        }
    }

    private static final Generation FIRST = new Generation("orders", 1, "lineage-a");
    private static final Generation SECOND = new Generation("orders", 2, "lineage-b");

    private final RedisSettings settings =
            RedisSettings.parse(new Secret(SharedStack.redis().url()));
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Jedis jedis;

    @BeforeEach
    void open() {
        jedis = closing(new Jedis(URI.create(SharedStack.redis().url())));
        jedis.flushAll();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void keys_are_one_generations_until_they_are_the_others_and_back(Kind kind) {
        RedisWriter first = writer(kind, FIRST);
        write(first, set(1, 50, "a"), set(2, 50, "a"), set(3, 50, "a"));
        RedisWriter second = writer(kind, SECOND);
        write(second, set(1, 7, "b"), set(4, 7, "b"));
        assertThat(served(kind)).containsOnly(Map.entry(1L, "a50"), Map.entry(2L, "a50"), Map.entry(3L, "a50"));
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(1L, "b7"), Map.entry(4L, "b7"));

        serve(kind, SECOND, 1);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b7"), Map.entry(4L, "b7"));
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(1L, "b7"), Map.entry(4L, "b7"));
        assertThat(of(kind, FIRST)).containsOnly(Map.entry(1L, "a50"), Map.entry(2L, "a50"), Map.entry(3L, "a50"));

        write(first, set(1, 51, "a"), delete(2, 51), set(5, 51, "a"));
        write(second, set(4, 8, "b"), set(6, 8, "b"), delete(1, 8));
        assertThat(served(kind)).containsOnly(Map.entry(4L, "b8"), Map.entry(6L, "b8"));

        serve(kind, FIRST, 2);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "a51"), Map.entry(3L, "a50"), Map.entry(5L, "a51"));
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(4L, "b8"), Map.entry(6L, "b8"));
    }

    @ParameterizedTest
    @EnumSource
    void what_is_stale_is_stale_on_both_sides_of_a_switch(Kind kind) {
        RedisWriter first = writer(kind, FIRST);
        RedisWriter second = writer(kind, SECOND);
        write(first, set(1, 50, "a"), set(2, 50, "a"));
        write(second, set(1, 50, "b"), delete(2, 50), set(3, 50, "b"));

        serve(kind, SECOND, 1);
        assertStale(second, set(1, 49, "b"), set(2, 49, "b"), set(3, 49, "b"));
        assertStale(first, set(1, 49, "a"), set(2, 49, "a"));
        write(first, delete(1, 60));
        serve(kind, FIRST, 2);
        assertThat(served(kind)).containsOnly(Map.entry(2L, "a50"));
        assertStale(first, set(1, 59, "a"));
        assertStale(second, set(2, 49, "b"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BEHIND_A_POINTER")
    void a_take_over_that_was_interrupted_goes_on_and_every_key_was_whole_meanwhile(Kind kind) {
        RedisWriter first = writer(kind, FIRST);
        RedisWriter second = writer(kind, SECOND);
        write(first, set(1, 50, "a"), set(2, 50, "a"), set(3, 50, "a"));
        write(second, set(1, 50, "b"), set(2, 50, "b"));
        // All that a process did that was killed at once.
        jedis.set("_tidemark:serving:order:{id}", "2");
        jedis.set("_tidemark:serving:order:{id}:decision", "1");

        write(first, set(1, 51, "a"), delete(3, 51));
        write(second, set(2, 51, "b"));
        assertThat(served(kind)).containsOnly(Map.entry(1L, "a50"), Map.entry(2L, "b51"), Map.entry(3L, "a50"));
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(1L, "b50"), Map.entry(2L, "b51"), Map.entry(3L, "a50"));
        assertThat(of(kind, FIRST)).containsEntry(1L, "a51").containsEntry(2L, "a50");

        serve(kind, SECOND, 1);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b50"), Map.entry(2L, "b51"));
        assertThat(of(kind, FIRST)).containsOnly(Map.entry(1L, "a51"), Map.entry(2L, "a50"));
    }

    @ParameterizedTest
    @EnumSource
    void an_earlier_decision_that_comes_late_changes_nothing(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"));
        write(writer(kind, SECOND), set(1, 50, "b"));
        serve(kind, SECOND, 3);

        serve(kind, FIRST, 2);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b50"));
    }

    @ParameterizedTest
    @EnumSource
    void keys_of_other_models_and_of_others_stay_and_a_dropped_generation_leaves_nothing(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"));
        RedisWriter lines = closing(new RedisWriter(
                settings,
                RedisTarget.json("order:{id}:lines", List.of("id")),
                new Generation("lines", 1, "lineage-a"),
                1));
        lines.open();
        write(lines, set(1, 50, "line"));
        jedis.set("order:x", "somebody else's");
        write(writer(kind, SECOND), set(1, 50, "b"));
        serve(kind, SECOND, 1);
        try (RedisServed dropped = new RedisServed(settings, kind.target(), FIRST)) {
            dropped.drop();
        }

        assertThat(jedis.get("order:x")).isEqualTo("somebody else's");
        assertThat(jedis.get("order:1:lines")).contains("line");
        assertThat(of(kind, SECOND)).containsEntry(1L, "b50");
        assertThat(jedis.keys("_tidemark:of:1:*")).isEmpty();
    }

    private RedisWriter writer(Kind kind, Generation generation) {
        RedisWriter fresh =
                closing(new RedisWriter(settings, kind.target(), generation, 1, () -> generation.number() == 1));
        fresh.open();
        return fresh;
    }

    private void serve(Kind kind, Generation generation, int decision) {
        try (RedisServed served = new RedisServed(settings, kind.target(), generation)) {
            served.serve(decision);
        }
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    private static void write(RedisWriter writer, Document... documents) {
        assertThat(writer.write(List.of(documents), List.of())).containsOnly(WriteOutcome.applied());
    }

    private static void assertStale(RedisWriter writer, Document... documents) {
        assertThat(writer.write(List.of(documents), List.of(claim()))).containsOnly(WriteOutcome.stale());
    }

    private static AppliedTidemark claim() {
        return new AppliedTidemark(0, new TidemarkRef(1, new Lsn(1)));
    }

    private static Document set(long id, long position, String by) {
        return new Document(
                "orders", key(id), new Version(position, 0), Json.object().put("by", by + position));
    }

    private static Document delete(long id, long position) {
        return new Document("orders", key(id), new Version(position, 0), null);
    }

    private static RowKey key(long id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    /** What is under the keys, by whom and as of when. */
    private Map<Long, String> served(Kind kind) {
        Map<Long, String> served = new TreeMap<>();
        for (long id = 1; id <= 6; id++) {
            String key = kind == Kind.BEHIND_A_POINTER
                    ? jedis.get("_tidemark:serving:order:{id}") + ":order:" + id
                    : "order:" + id;
            if (jedis.exists(key)) {
                served.put(
                        id,
                        kind == Kind.HASHES
                                ? jedis.hget(key, "by")
                                : Json.parse(jedis.get(key)).get("by").textValue());
            }
        }
        return served;
    }

    private Map<Long, String> of(Kind kind, Generation generation) {
        Map<Long, String> found = new TreeMap<>();
        try (RedisReader reader = new RedisReader(settings, kind.target(), generation)) {
            reader.scan("orders", 100, batch -> batch.forEach(each -> put(found, each)));
            List<RowKey> keys = List.of(key(1), key(2), key(3), key(4), key(5), key(6));
            Map<Long, String> got = new TreeMap<>();
            reader.get("orders", keys).values().forEach(each -> put(got, each));
            assertThat(got).isEqualTo(found);
        }
        return found;
    }

    private static void put(Map<Long, String> found, StoredDocument document) {
        if (document.key().json().matches("\\{\"id\":[0-9]+}")) {
            found.put(
                    document.key().values().get("id").longValue(),
                    document.body().path("by").asText());
        }
    }
}
