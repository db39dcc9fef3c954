package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
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
import org.junit.jupiter.api.Test;
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
        /** Of the first generation strings, of the second hashes. */
        STRINGS_THEN_HASHES,
        HASHES_THEN_STRINGS,
        BEHIND_A_POINTER;

        RedisTarget target(Generation generation) {
            boolean first = generation.equals(FIRST);
            return switch (this) {
                case STRINGS_THEN_HASHES -> (first ? STRINGS : HASHES).target(generation);
                case HASHES_THEN_STRINGS -> (first ? HASHES : STRINGS).target(generation);
                case STRINGS -> RedisTarget.json("order:{id}", List.of("id"));
                case HASHES -> RedisTarget.hash("order:{id}", List.of("id"), List.of("by"));
                case EXPIRING -> RedisTarget.json("order:{id}", List.of("id")).withTtl(Duration.ofHours(2));
                case BEHIND_A_POINTER ->
                    RedisTarget.json("order:{id}", List.of("id")).behindPointer();
            };
        }
    }

    private static final Generation FIRST = new Generation("orders", 1, "lineage");
    private static final Generation SECOND = new Generation("orders", 2, "lineage");
    /** Of a model that has the keys of the one before. */
    private static final Generation OTHER = new Generation("other", 1, "lineage");

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
    @EnumSource(names = {"STRINGS", "HASHES", "EXPIRING"})
    void a_take_over_that_was_interrupted_goes_on_and_every_key_was_whole_meanwhile(Kind kind) {
        RedisWriter first = writer(kind, FIRST);
        RedisWriter second = writer(kind, SECOND);
        write(first, set(1, 50, "a"), set(2, 50, "a"), set(3, 50, "a"));
        write(second, set(1, 50, "b"), set(2, 50, "b"));
        // All that a process did that was killed at once.
        jedis.set("_tidemark:serving:order:{id}", "2 taking");
        jedis.hset("_tidemark:decided:serving:order:{id}", Map.of("decision", "1", "lineage", "lineage"));

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
                new Generation("lines", 1, "lineage"),
                1));
        lines.open();
        write(lines, set(1, 50, "line"));
        jedis.set("order:x", "somebody else's");
        write(writer(kind, SECOND), set(1, 50, "b"));
        serve(kind, SECOND, 1);
        try (RedisServed dropped = new RedisServed(settings, kind.target(FIRST), FIRST)) {
            dropped.drop();
        }

        assertThat(jedis.get("order:x")).isEqualTo("somebody else's");
        assertThat(jedis.get("order:1:lines")).contains("line");
        assertThat(of(kind, SECOND)).containsEntry(1L, "b50");
        assertThat(jedis.keys("_tidemark:of:1:*")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whichever_generation_opens_first_after_the_server_was_emptied_has_no_keys_but_its_own(Kind kind) {
        RedisWriter before = writer(kind, FIRST);
        write(writer(kind, SECOND), set(1, 50, "b"));
        serve(kind, SECOND, 1);
        jedis.flushAll();
        if (kind != Kind.BEHIND_A_POINTER) {
            assertThatThrownBy(() -> write(before, set(2, 51, "a")))
                    .hasMessageContaining("does not hold any more what was written");
            assertThat(served(kind)).isEmpty();
        }

        write(writer(kind, FIRST, 2), set(1, 52, "a"), set(2, 52, "a"));
        write(writer(kind, SECOND, 2), set(1, 52, "b"));
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b52"));
        assertThat(isServed(kind, SECOND)).isTrue();
        assertThat(isServed(kind, FIRST)).isFalse();
        serve(kind, SECOND, 1);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b52"));
        assertThat(of(kind, FIRST)).containsOnly(Map.entry(1L, "a52"), Map.entry(2L, "a52"));
    }

    @ParameterizedTest
    @EnumSource
    void a_server_that_was_set_back_in_the_midst_of_a_take_over_is_known_and_mended(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"), set(2, 50, "a"));
        write(writer(kind, SECOND), set(1, 50, "b"));
        serve(kind, SECOND, 1);
        // A replica that had taken over nothing yet.
        serve(kind, FIRST, 2);
        String name = kind == Kind.BEHIND_A_POINTER ? "pointer:order:{id}" : "serving:order:{id}";
        jedis.set("_tidemark:" + name, kind == Kind.BEHIND_A_POINTER ? "1" : "2 taking");
        jedis.hset("_tidemark:decided:" + name, "decision", "1");

        assertThat(isServed(kind, SECOND)).isFalse();
        serve(kind, SECOND, 1);
        assertThat(isServed(kind, SECOND)).isTrue();
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b50"));
    }

    @ParameterizedTest
    @EnumSource
    void what_another_capture_decided_counts_no_more(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"));
        write(writer(kind, SECOND), set(1, 50, "b"));
        serve(kind, SECOND, 7);
        Generation anew = new Generation("orders", 1, "another lineage");
        try (RedisServed served = new RedisServed(settings, kind.target(FIRST), anew)) {
            served.serve(0);
        }
        assertThat(served(kind)).containsOnly(Map.entry(1L, "a50"));
    }

    @ParameterizedTest
    @EnumSource
    void what_another_model_decided_is_none_of_ours_and_each_keeps_its_documents(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"), set(2, 50, "a"));
        write(writer(kind, SECOND), set(1, 50, "b"), set(3, 50, "b"));
        serve(kind, SECOND, 7);
        write(writer(kind, OTHER), set(1, 60, "other"));

        serve(kind, OTHER, 0);
        assertThat(isServed(kind, OTHER)).isTrue();
        assertThat(served(kind)).containsEntry(1L, "other60").doesNotContainKey(3L);
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(1L, "b50"), Map.entry(3L, "b50"));

        // A process that has the file of before, and is ended soon.
        serve(kind, SECOND, 7);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "b50"), Map.entry(3L, "b50"));
        serve(kind, OTHER, 0);
        assertThat(served(kind)).containsEntry(1L, "other60").doesNotContainKey(3L);
    }

    @ParameterizedTest
    @EnumSource(names = {"STRINGS", "HASHES", "EXPIRING", "BEHIND_A_POINTER"})
    void a_model_that_took_keys_over_at_the_same_number_has_its_own_documents_after_a_rollback(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"));
        write(writer(kind, OTHER), set(1, 60, "x"), set(2, 60, "x"));
        assertThat(isServed(kind, OTHER))
                .as("the keys are said to be the other's")
                .isFalse();
        serve(kind, OTHER, 0);
        assertThat(isServed(kind, OTHER)).isTrue();

        Generation young = new Generation("other", 2, "lineage");
        write(writer(kind, young), set(1, 60, "y"));
        serve(kind, young, 1);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "y60"));
        serve(kind, OTHER, 2);
        assertThat(served(kind)).containsOnly(Map.entry(1L, "x60"), Map.entry(2L, "x60"));
    }

    @ParameterizedTest
    @EnumSource
    void a_model_that_is_dropped_takes_nothing_from_the_one_that_has_its_keys_now(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"));
        write(writer(kind, SECOND), set(2, 50, "b"));
        serve(kind, SECOND, 7);
        RedisWriter other = writer(kind, OTHER);
        write(other, set(1, 60, "other"));
        serve(kind, OTHER, 0);

        drop(kind, FIRST);
        drop(kind, SECOND);
        assertThat(isServed(kind, OTHER)).isTrue();
        assertThat(served(kind)).containsOnly(Map.entry(1L, "other60"));
        assertThat(jedis.keys("_tidemark:of:*")).isEmpty();
        write(other, set(1, 61, "other"));
        assertThat(served(kind)).containsOnly(Map.entry(1L, "other61"));
    }

    @ParameterizedTest
    @EnumSource(names = {"STRINGS", "HASHES", "EXPIRING"})
    void a_take_over_from_another_model_that_was_interrupted_goes_on(Kind kind) {
        write(writer(kind, FIRST), set(3, 50, "a"));
        write(writer(kind, SECOND), set(1, 50, "b"), set(2, 50, "b"));
        serve(kind, SECOND, 7);
        RedisWriter other = writer(kind, OTHER);
        write(other, set(1, 60, "other"));
        jedis.set("_tidemark:serving:order:{id}", "1 taking orders");
        jedis.hset(
                "_tidemark:decided:serving:order:{id}",
                Map.of("decision", "0", "lineage", "lineage", "model", "other"));

        write(other, set(2, 60, "other"));
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(1L, "b50"), Map.entry(2L, "b50"));
        serve(kind, OTHER, 0);
        assertThat(isServed(kind, OTHER)).isTrue();
        assertThat(served(kind)).containsOnly(Map.entry(1L, "other60"), Map.entry(2L, "other60"));
        assertThat(of(kind, SECOND)).containsOnly(Map.entry(1L, "b50"), Map.entry(2L, "b50"));
        assertThat(of(kind, FIRST)).containsEntry(3L, "a50");
    }

    @ParameterizedTest
    @EnumSource(names = {"STRINGS", "HASHES", "EXPIRING"})
    void what_is_dropped_while_it_takes_keys_over_is_not_said_any_more(Kind kind) {
        write(writer(kind, SECOND), set(1, 50, "b"));
        jedis.set("_tidemark:serving:order:{id}", "2 taking");
        drop(kind, SECOND);
        assertThat(jedis.keys("*")).noneMatch(key -> key.contains("order:{id}"));
    }

    @Test
    void what_was_strings_is_only_invalidated_and_is_strings_again_when_that_is_taken_back() {
        RedisTarget invalidated = RedisTarget.invalidate("order:{id}", List.of("id"));
        RedisWriter first = writer(Kind.STRINGS, FIRST);
        write(first, set(1, 50, "a"), set(2, 50, "a"));
        RedisWriter second = closing(new RedisWriter(settings, invalidated, SECOND, 1, () -> 1));
        second.open();
        write(second, set(1, 50, "b"));
        try (RedisServed served = new RedisServed(settings, invalidated, SECOND)) {
            served.serve(1);
        }
        assertThat(served(Kind.STRINGS)).isEmpty();
        jedis.set("order:1", "cached");
        write(second, set(1, 51, "b"));
        assertThat(jedis.exists("order:1")).isFalse();
        write(first, set(1, 51, "a"));

        serve(Kind.STRINGS, FIRST, 2);
        assertThat(served(Kind.STRINGS)).containsOnly(Map.entry(1L, "a51"), Map.entry(2L, "a50"));
    }

    @Test
    void a_generation_under_other_keys_is_in_step_until_it_is_dropped_and_leaves_nothing_then() {
        RedisTarget elsewhere = RedisTarget.json("o:{id}", List.of("id"));
        RedisWriter first = writer(Kind.STRINGS, FIRST);
        write(first, set(1, 50, "a"));
        RedisWriter second = closing(new RedisWriter(settings, elsewhere, SECOND, 1, () -> 1));
        second.open();
        write(second, set(1, 50, "b"));
        assertThat(jedis.exists("o:1")).isFalse();
        try (RedisServed served = new RedisServed(settings, elsewhere, SECOND)) {
            served.serve(1);
        }
        assertThat(jedis.get("o:1")).contains("b50");
        write(first, set(1, 51, "a"), set(2, 51, "a"));
        assertThat(served(Kind.STRINGS)).containsOnly(Map.entry(1L, "a51"), Map.entry(2L, "a51"));

        try (RedisServed dropped = new RedisServed(settings, Kind.STRINGS.target(FIRST), FIRST)) {
            dropped.drop();
        }
        assertThat(served(Kind.STRINGS)).isEmpty();
        assertThat(jedis.keys("_tidemark:*order:{id}*")).isEmpty();
        assertThat(jedis.get("o:1")).contains("b50");
    }

    @Test
    void readers_of_keys_and_readers_of_a_pointer_are_given_each_their_own() {
        RedisTarget pointed = Kind.BEHIND_A_POINTER.target(SECOND);
        RedisWriter first = writer(Kind.STRINGS, FIRST);
        write(first, set(1, 50, "a"));
        RedisWriter second = writer(Kind.BEHIND_A_POINTER, SECOND);
        write(second, set(1, 50, "b"));
        try (RedisServed served = new RedisServed(settings, pointed, SECOND)) {
            served.serve(1);
        }
        write(first, set(1, 51, "a"));
        assertThat(served(Kind.STRINGS)).containsOnly(Map.entry(1L, "a51"));
        assertThat(served(Kind.BEHIND_A_POINTER)).containsOnly(Map.entry(1L, "b50"));
    }

    @ParameterizedTest
    @EnumSource
    void documents_are_mended_where_their_generation_has_them(Kind kind) {
        write(writer(kind, FIRST), set(1, 50, "a"), set(2, 50, "a"));
        write(writer(kind, SECOND), set(1, 50, "b"), set(2, 50, "b"));
        mend(kind, SECOND, set(1, 50, "mended b"));
        assertThat(served(kind)).containsOnly(Map.entry(1L, "a50"), Map.entry(2L, "a50"));
        assertThat(of(kind, SECOND)).containsEntry(1L, "mended b50");

        serve(kind, SECOND, 1);
        mend(kind, FIRST, set(2, 50, "mended a"));
        assertThat(served(kind)).containsOnly(Map.entry(1L, "mended b50"), Map.entry(2L, "b50"));
        assertThat(of(kind, FIRST)).containsOnly(Map.entry(1L, "a50"), Map.entry(2L, "mended a50"));
    }

    private void mend(Kind kind, Generation generation, Document right) {
        try (RedisMender mender = new RedisMender(settings, kind.target(generation), generation)) {
            assertThat(mender.mend(List.of(new Mend(right, right.version().position()))))
                    .containsOnly(MendOutcome.mended());
        }
    }

    private boolean isServed(Kind kind, Generation generation) {
        try (RedisServed served = new RedisServed(settings, kind.target(generation), generation)) {
            return served.isServed();
        }
    }

    private RedisWriter writer(Kind kind, Generation generation) {
        return writer(kind, generation, 1);
    }

    private RedisWriter writer(Kind kind, Generation generation, int live) {
        RedisWriter fresh = closing(new RedisWriter(settings, kind.target(generation), generation, 1, () -> live));
        fresh.open();
        return fresh;
    }

    private void serve(Kind kind, Generation generation, int decision) {
        try (RedisServed served = new RedisServed(settings, kind.target(generation), generation)) {
            served.serve(decision);
        }
    }

    private void drop(Kind kind, Generation generation) {
        try (RedisServed dropped = new RedisServed(settings, kind.target(generation), generation)) {
            dropped.drop();
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
                    ? jedis.get("_tidemark:pointer:order:{id}") + ":order:" + id
                    : "order:" + id;
            if (jedis.exists(key)) {
                served.put(
                        id,
                        jedis.type(key).equals("hash")
                                ? jedis.hget(key, "by")
                                : Json.parse(jedis.get(key)).get("by").textValue());
            }
        }
        return served;
    }

    private Map<Long, String> of(Kind kind, Generation generation) {
        Map<Long, String> found = new TreeMap<>();
        try (RedisReader reader = new RedisReader(settings, kind.target(generation), generation)) {
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
