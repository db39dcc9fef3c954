package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Freshness;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Transaction;

/** Hashes, documents that expire, and keys that are only invalidated. */
class RedisFormsIT {

    private static final Generation GENERATION = new Generation("orders", 1, "lineage-a");
    private static final List<String> KEY = List.of("id");
    private static final RedisTarget JSON = RedisTarget.json("order:{id}", KEY);
    private static final RedisTarget HASH = RedisTarget.hash("order:{id}", KEY, List.of("id", "total", "note"));
    private static final RedisTarget INVALIDATE = RedisTarget.invalidate("order:{id}", KEY);
    private static final String MARKER = "_tidemark:deleted:{order:1}";
    private static final Duration LIFE = Duration.ofSeconds(1);

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

    @Test
    void a_hash_has_the_fields_of_the_newest_document_and_no_others() {
        RedisWriter writer = opened(HASH);
        write(writer, set(1, 5, "\"total\": 1.50, \"note\": \"7\""));
        jedis.hset("order:1", "mine", "x");
        write(writer, set(1, 6, "\"total\": 2.50, \"note\": null"));
        assertThat(jedis.hgetAll("order:1"))
                .isEqualTo(Map.of(
                        "_tidemark", "6",
                        "_tidemark_generation", "1",
                        "_tidemark_key", "{\"id\":1}",
                        "id", "1",
                        "total", "2.50"));
        assertThat(body(HASH, 1)).isEqualTo(Json.parse("{\"id\":1,\"total\":2.50,\"note\":null}"));
        assertThat(write(writer, set(1, 5, "\"total\": 1.50"))).containsExactly(WriteOutcome.stale());
    }

    @Test
    void a_field_that_somebody_changed_is_seen() {
        write(opened(HASH), set(1, 5, "\"total\": 1.50, \"note\": \"a\""), set(2, 5, "\"total\": 1, \"note\": \"a\""));
        jedis.hset("order:1", "total", "1.5");
        jedis.hdel("order:2", "note");
        jedis.hset("order:3", "total", "9");
        assertThat(body(HASH, 1).get("total").toString()).isEqualTo("1.5");
        assertThat(body(HASH, 2).get("note").isNull()).isTrue();
        List<StoredDocument> all = new ArrayList<>();
        reader(HASH).scan("orders", 100, all::addAll);
        assertThat(all)
                .extracting(document -> document.key() + " " + document.position())
                .containsExactlyInAnyOrder("{\"id\":1} 5", "{\"id\":2} 5", "{\"id\":3} 0");
    }

    @Test
    void documents_of_another_form_are_neither_read_nor_overwritten() {
        write(opened(HASH), set(1, 5, "\"total\": 1"));
        assertCode(ErrorCode.CONFIGURATION, () -> opened(JSON))
                .hasMessageContaining("was begun as form: hash, not json");
        jedis.set("order:2", "a string");
        assertThat(write(opened(HASH), set(2, 5, "\"total\": 1")).get(0).toString())
                .contains("WRONGTYPE");
        assertThat(reader(HASH).get("orders", List.of(key(2)))).isEmpty();
    }

    @Test
    void what_an_earlier_build_began_is_strings() {
        opened(JSON);
        jedis.hdel("_tidemark:applied:orders@1", "form");
        opened(JSON);
        assertCode(ErrorCode.CONFIGURATION, () -> opened(HASH)).hasMessageContaining("was begun as form: json");
    }

    @Test
    void a_document_expires_and_nothing_older_comes_after_it() {
        for (RedisTarget form : List.of(JSON, HASH)) {
            jedis.flushAll();
            RedisTarget target = form.withTtl(LIFE);
            RedisWriter writer = opened(target);
            write(writer, set(1, 6, "\"total\": 6"));
            assertThat(jedis.pttl("order:1")).isBetween(1L, LIFE.toMillis());
            await().until(() -> !jedis.exists("order:1"));

            assertThat(write(writer, set(1, 5, "\"total\": 5"), set(2, 6, "\"total\": 6")))
                    .containsExactly(WriteOutcome.stale(), WriteOutcome.applied());
            assertThat(write(writer, delete(1, 5))).containsExactly(WriteOutcome.stale());
            assertThat(jedis.exists("order:1")).isFalse();
            assertThat(write(writer, set(1, 7, "\"total\": 7"))).containsExactly(WriteOutcome.applied());
            assertThat(body(target, 1).get("total").intValue()).isEqualTo(7);
            assertThat(jedis.pttl(MARKER))
                    .isBetween(
                            settings.tombstones().toMillis(),
                            settings.tombstones().plus(LIFE).toMillis());
        }
    }

    @Test
    void a_write_begins_the_life_anew_and_a_stale_one_does_not() {
        RedisTarget target = HASH.withTtl(Duration.ofHours(2));
        RedisWriter writer = opened(target);
        write(writer, set(1, 6, "\"total\": 6"));
        jedis.pexpire("order:1", 60_000);
        write(writer, set(1, 5, "\"total\": 5"));
        assertThat(jedis.pttl("order:1")).isLessThanOrEqualTo(60_000);
        write(writer, set(1, 7, "\"total\": 7"));
        assertThat(jedis.pttl("order:1")).isGreaterThan(60_000);
    }

    @Test
    void what_expired_is_told_from_what_somebody_deleted() {
        RedisTarget target = JSON.withTtl(LIFE);
        write(opened(target), set(1, 5, "\"total\": 1"));
        await().until(() -> !jedis.exists("order:1"));
        RedisTarget longer = JSON.withTtl(Duration.ofHours(2));
        write(opened(longer), set(2, 5, "\"total\": 1"), set(3, 5, "\"total\": 1"));
        jedis.del("order:2");

        List<RowKey> keys = List.of(key(1), key(2), key(4));
        assertThat(reader(longer).get("orders", keys)).isEmpty();
        assertThat(reader(longer).expired("orders", keys)).containsExactlyInAnyOrder(key(1), key(4));
        assertThat(reader(JSON).expired("orders", keys)).isEmpty();
    }

    @Test
    void what_was_deleted_did_not_expire() {
        RedisTarget target = JSON.withTtl(Duration.ofHours(2));
        RedisWriter writer = opened(target);
        write(writer, set(1, 5, "\"total\": 1"));
        write(writer, delete(1, 6));
        assertThat(reader(target).expired("orders", List.of(key(1)))).isEmpty();
        write(writer, set(1, 5, "\"total\": 1"));
        assertThat(reader(target).get("orders", List.of(key(1))))
                .as("still fenced")
                .isEmpty();
        write(writer, set(1, 7, "\"total\": 1"));
        assertThat(reader(target).get("orders", List.of(key(1)))).hasSize(1);
    }

    @Test
    void a_ttl_cannot_be_taken_away_from_documents_that_have_it() {
        write(opened(JSON.withTtl(LIFE)), set(1, 5, "\"total\": 1"));
        assertCode(ErrorCode.CONFIGURATION, () -> opened(JSON)).hasMessageContaining("will still expire");
    }

    @Test
    void a_change_or_a_delete_invalidates_what_somebody_keeps_of_any_type_and_nothing_is_written() {
        RedisWriter writer = opened(INVALIDATE);
        jedis.set("order:1", "cached");
        jedis.lpush("order:2", "cached");
        jedis.hset("order:3", "a", "cached");
        jedis.set("order:4", "cached");
        assertThat(write(writer, set(1, 5, "\"total\": 1"), set(2, 5, "\"total\": 1"), delete(3, 5)))
                .containsOnly(WriteOutcome.applied());
        assertThat(jedis.keys("order:*")).containsExactly("order:4");
        assertThat(jedis.get(MARKER)).isEqualTo("5 1");
        assertThat(reader(INVALIDATE).get("orders", List.of(key(1), key(4)))).isEmpty();
    }

    @Test
    void a_late_or_repeated_invalidation_leaves_what_was_cached_after_it() {
        RedisWriter writer = opened(INVALIDATE);
        write(writer, set(1, 6, "\"total\": 1"));
        jedis.set("order:1", "cached after 6");
        assertThat(write(writer, set(1, 5, "\"total\": 1"), set(1, 6, "\"total\": 1")))
                .containsOnly(WriteOutcome.stale());
        assertThat(write(writer, delete(1, 6))).containsOnly(WriteOutcome.stale());
        assertThat(jedis.get("order:1")).isEqualTo("cached after 6");
        assertThat(write(writer, set(1, 7, "\"total\": 1"))).containsOnly(WriteOutcome.applied());
        assertThat(jedis.exists("order:1")).isFalse();
    }

    @Test
    void after_fresh_nothing_is_cached_that_was_put_there_before_its_invalidation() throws Exception {
        RedisWriter writer = opened(INVALIDATE);
        RedisReader reader = reader(INVALIDATE);
        jedis.set("order:1", "as of 5");
        assertThat(reader.await(new Lsn(600), Duration.ZERO)).isInstanceOf(Freshness.Stale.class);
        writer.write(List.of(set(1, 6, "\"total\": 1")), List.of(claim(0, 6), claim(1, 6)));
        assertThat(reader.await(new Lsn(600), Duration.ZERO)).isInstanceOf(Freshness.Fresh.class);
        assertThat(jedis.exists("order:1")).isFalse();
    }

    /** What the documentation tells a loader to do: it watches the marker from before it reads the source. */
    @Test
    void a_loader_that_watches_the_marker_never_caches_what_was_invalidated_while_it_loaded() {
        RedisWriter writer = opened(INVALIDATE);
        for (int round = 1; round <= 3; round++) {
            jedis.watch(MARKER);
            write(writer, set(1, round, "\"total\": 1"));
            Transaction caching = jedis.multi();
            caching.set("order:1", "older than " + round);
            assertThat(caching.exec()).isNull();
            assertThat(jedis.exists("order:1")).isFalse();
        }
        jedis.watch(MARKER);
        Transaction caching = jedis.multi();
        caching.set("order:1", "as of 3");
        assertThat(caching.exec()).isNotNull();
        assertThat(jedis.get("order:1")).isEqualTo("as of 3");
    }

    private RedisWriter opened(RedisTarget target) {
        RedisWriter fresh = closing(new RedisWriter(settings, target, GENERATION, 2));
        fresh.open();
        return fresh;
    }

    private RedisReader reader(RedisTarget target) {
        return closing(new RedisReader(settings, target, GENERATION));
    }

    private ObjectNode body(RedisTarget target, long id) {
        return reader(target).get("orders", List.of(key(id))).get(key(id)).body();
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    private static List<WriteOutcome> write(RedisWriter writer, Document... documents) {
        return writer.write(List.of(documents), List.of());
    }

    private static Document set(long id, long position, String fields) {
        ObjectNode body = Json.parseObject("{\"id\": " + id + ", " + fields + "}");
        return new Document("orders", key(id), new Version(position, 0), body);
    }

    private static Document delete(long id, long position) {
        return new Document("orders", key(id), new Version(position, 0), null);
    }

    private static RowKey key(long id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    private static AppliedTidemark claim(int partition, long number) {
        return new AppliedTidemark(partition, new TidemarkRef(number, new Lsn(number * 100)));
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertCode(ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }
}
