package io.tidemark.stores.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

class RedisStoreIT {

    private static final Generation GENERATION = new Generation("orders", 1, "lineage-a");
    private static final RedisTarget TARGET = RedisTarget.json("order:{id}", List.of("id"));

    private final RedisSettings settings =
            RedisSettings.parse(new Secret(SharedStack.redis().url()));
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Jedis jedis;
    private RedisWriter writer;
    private RedisReader reader;

    @BeforeEach
    void open() {
        jedis = closing(new Jedis(URI.create(SharedStack.redis().url())));
        jedis.flushAll();
        writer = opened(GENERATION, 2);
        reader = closing(new RedisReader(settings, TARGET, GENERATION));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    @Test
    void positions_past_what_a_double_holds_are_told_apart() {
        assertThat(write(set(1, Long.MAX_VALUE - 1, "1"))).containsExactly(WriteOutcome.applied());
        assertThat(write(set(1, Long.MAX_VALUE - 1, "2"))).containsExactly(WriteOutcome.stale());
        assertThat(write(set(1, Long.MAX_VALUE, "3"))).containsExactly(WriteOutcome.applied());
        assertThat(stored(1).position()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_writer_that_was_silent_for_so_long_that_its_count_expired_takes_nothing_for_lost() {
        Set<String> before = jedis.keys("*");
        RedisWriter silent = opened(GENERATION, 2);
        Set<String> count = new HashSet<>(jedis.keys("*"));
        count.removeAll(before);
        assertThat(jedis.del(count.toArray(String[]::new))).isEqualTo(1);
        List<AppliedTidemark> claims = List.of(claim(0, 5), claim(1, 5));
        writer.write(List.of(), claims);

        assertThat(silent.claims()).containsExactlyInAnyOrderElementsOf(claims);
        silent.write(List.of(set(1, 6, "1")), List.of(claim(1, 6)));
        assertThat(writer.claims()).containsExactlyInAnyOrder(claim(0, 5), claim(1, 6));
    }

    @Test
    void a_tombstone_expires() {
        write(delete(1, 6));
        assertThat(jedis.pttl("_tidemark:deleted:{order:1}"))
                .isBetween(1L, Duration.ofHours(1).toMillis());
    }

    @Test
    void numbers_and_text_come_back_to_the_digit() {
        ObjectNode body = Json.parseObject(
                "{\"a\":1.10,\"b\":123456789012345678901234567890,\"c\":0.123456789012345678901234567890,\"d\":\"ü\\n\\\"😀\"}");
        write(new Document("orders", key(1), new Version(1, 0), body));
        assertThat(Json.text(stored(1).body())).isEqualTo(Json.text(body));
    }

    @Test
    void what_somebody_else_wrote_is_seen_as_theirs_and_replaced_by_a_write() {
        jedis.set("order:1", "{\"total\":6}");
        jedis.set("order:2", "no json");
        assertThat(stored(1).position()).isZero();
        assertThat(all()).extracting(StoredDocument::key).containsExactlyInAnyOrder(key(1), key(2));
        assertThat(write(set(1, 1, "1"))).containsExactly(WriteOutcome.applied());
        assertThat(stored(1).position()).isEqualTo(1);
    }

    @Test
    void keys_of_an_owner_are_refused_to_everybody_else_however_their_column_is_called() {
        RedisTarget renamed = RedisTarget.json("price:{price_id}", List.of("price_id"));
        RedisTarget prices = RedisTarget.json("price:{id}", List.of("id"));
        closing(RedisWriter.ofOwner(settings, prices, new Generation("prices", 1, "topic a"), 1))
                .open();
        closing(RedisWriter.ofOwner(settings, prices, new Generation("prices", 1, "topic a"), 1))
                .open();

        RedisWriter other = closing(RedisWriter.ofOwner(settings, renamed, new Generation("others", 1, "topic b"), 1));
        assertCode(ErrorCode.CONFIGURATION, other::open).hasMessageContaining("prices@1's", "_tidemark:owner:price:*");
        RedisWriter generation =
                closing(new RedisWriter(settings, prices, new Generation("prices", 2, "x"), 1, () -> 2));
        assertCode(ErrorCode.CONFIGURATION, generation::open).hasMessageContaining("prices@1's");
        try (RedisServed served = new RedisServed(settings, prices, new Generation("prices", 2, "x"))) {
            assertCode(ErrorCode.CONFIGURATION, () -> served.serve(1)).hasMessageContaining("prices@1's");
        }
    }

    @Test
    void keys_that_generations_take_over_from_each_other_get_no_owner() {
        RedisWriter other = closing(RedisWriter.ofOwner(settings, TARGET, new Generation("others", 1, "topic"), 1));
        assertCode(ErrorCode.CONFIGURATION, other::open)
                .hasMessageContaining("orders's", "_tidemark:serving:order:{id}");
        RedisWriter later = closing(RedisWriter.ofOwner(settings, TARGET, new Generation("orders", 2, "topic"), 1));
        assertCode(ErrorCode.CONFIGURATION, later::open).hasMessageContaining("generation 1's");
        RedisWriter same = closing(RedisWriter.ofOwner(settings, TARGET, new Generation("orders", 1, "topic"), 2));
        assertCode(ErrorCode.DATA_LOSS, same::open);
        assertThat(jedis.keys("_tidemark:owner:*")).isEmpty();
        assertThat(opened(GENERATION, 2).claims()).isEmpty();
    }

    @Test
    void a_scan_sees_every_document_and_nothing_of_other_templates() {
        writer.write(LongStream.range(0, 2_500).mapToObj(id -> set(id, 3, "1")).toList(), List.of());
        RedisWriter other = closing(new RedisWriter(
                settings,
                RedisTarget.json("order:{id}:lines", List.of("id")),
                new Generation("lines", 1, "lineage-a"),
                1));
        other.open();
        other.write(List.of(set(1, 3, "1")), List.of());
        List<RowKey> seen = new ArrayList<>();
        reader.scan("orders", 1_000, batch -> {
            assertThat(batch).isNotEmpty().hasSizeLessThanOrEqualTo(1_000);
            batch.forEach(document -> seen.add(document.key()));
        });
        assertThat(seen).hasSize(2_500).doesNotHaveDuplicates();
    }

    @Test
    void a_value_says_its_position_generation_and_key_first() {
        write(set(1, 10, "10"));
        assertThat(jedis.get("order:1"))
                .isEqualTo("{\"_tidemark\":10,\"_tidemark_generation\":1,\"_tidemark_key\":{\"id\":1},\"total\":10}");
    }

    @Test
    void a_key_of_another_type_is_rejected_in_the_servers_words() {
        jedis.lpush("order:2", "somebody else's");
        assertThat(write(set(2, 5, "2")).get(0).toString()).contains("WRONGTYPE");
    }

    @Test
    void a_lineage_is_refused_in_words_and_so_is_a_server_that_is_not_there() {
        assertCode(ErrorCode.DATA_LOSS, () -> opened(new Generation("orders", 1, "lineage-b"), 2))
                .hasMessageContaining(
                        "was built from another capture or another definition (lineage-a, ours is lineage-b)");
        assertCode(
                        ErrorCode.UNREACHABLE,
                        () -> RedisStore.check(RedisSettings.parse(new Secret("redis://127.0.0.1:1"))))
                .hasMessageContaining("does not answer");
    }

    @Test
    void a_server_that_lost_its_newest_writes_in_a_restart_is_noticed_and_nothing_is_claimed_of_it() {
        writer.write(List.of(set(1, 5, "5")), List.of(claim(0, 5), claim(1, 5)));
        jedis.save();
        assertThat(write(set(2, 6, "6"))).containsExactly(WriteOutcome.applied());

        SharedStack.redis().kill();
        SharedStack.redis();
        writer.write(List.of(set(3, 7, "7")), List.of());

        assertCode(ErrorCode.DATA_LOSS, () -> write(set(3, 7, "7"))).hasMessageContaining("lost writes");
        assertThat(reader.appliedTidemark()).isEmpty();
    }

    @Test
    void scripts_that_were_flushed_are_loaded_again() {
        jedis.scriptFlush();
        assertThat(write(set(1, 5, "1"), set(2, 5, "1"))).containsOnly(WriteOutcome.applied());
    }

    @Test
    void a_check_names_the_version_and_a_wrong_password_is_called_that_without_printing_it() {
        assertThat(RedisStore.check(settings)).startsWith("Redis 7");
        RedisSettings wrong = RedisSettings.parse(
                new Secret("redis://nobody:canary@" + settings.host() + ":" + settings.port() + "/0"));
        assertThat(wrong.toString()).doesNotContain("canary");
        assertCode(ErrorCode.UNREACHABLE, () -> RedisStore.check(wrong))
                .hasMessageContaining("refuses the credentials")
                .hasMessageNotContaining("canary");
    }

    @Test
    void a_check_warns_of_a_server_that_evicts_keys() {
        jedis.configSet("maxmemory-policy", "allkeys-lru");
        try {
            assertThat(RedisStore.check(settings)).doesNotContain("evict");
            jedis.configSet("maxmemory", "4gb");
            assertThat(RedisStore.check(settings))
                    .contains("evicts keys when it is full (maxmemory-policy allkeys-lru)");
            jedis.configSet("maxmemory-policy", "noeviction");
            assertThat(RedisStore.check(settings)).doesNotContain("evict");
        } finally {
            jedis.configSet("maxmemory", "0");
            jedis.configSet("maxmemory-policy", "noeviction");
        }
    }

    @Test
    void a_mend_does_not_delete_what_does_not_say_that_it_is_tidemarks() {
        jedis.set("order:1", "{\"id\":1}");
        jedis.set("order:2", "a lock of somebody's");
        RedisMender mender = closing(new RedisMender(settings, TARGET, GENERATION));
        Document one = new Document(
                "orders",
                new RowKey("{\"id\":1}"),
                new Version(5, 0),
                Json.object().put("id", 1));
        Document two = new Document("orders", new RowKey("{\"id\":2}"), new Version(5, 0), null);

        assertThat(mender.mend(List.of(new Mend(one, 0), new Mend(two, 0))))
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo(MendOutcome.mended()),
                        second -> assertThat(second).asString().contains("order:2", "somebody else's"));
        assertThat(jedis.get("order:2")).isEqualTo("a lock of somebody's");
    }

    @Test
    void many_documents_go_through_and_their_rate_is_printed() {
        List<Document> documents = LongStream.range(0, 50_000)
                .mapToObj(id -> set(id, 3, "{\"text\": \"" + "x".repeat(300) + "\"}"))
                .toList();
        long start = System.nanoTime();
        for (int from = 0; from < documents.size(); from += 5_000) {
            writer.write(documents.subList(from, from + 5_000), List.of());
        }
        System.out.printf("Redis: %d documents/s%n", 50_000L * 1_000_000_000 / (System.nanoTime() - start));
        assertThat(jedis.dbSize()).isGreaterThanOrEqualTo(50_000);
    }

    private RedisWriter opened(Generation generation, int partitions) {
        RedisWriter fresh = closing(new RedisWriter(settings, TARGET, generation, partitions));
        fresh.open();
        return fresh;
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    private List<WriteOutcome> write(Document... documents) {
        return writer.write(List.of(documents), List.of());
    }

    private static Document set(long id, long position, String total) {
        return new Document("orders", key(id), new Version(position, 0), Json.parseObject("{\"total\":" + total + "}"));
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

    private StoredDocument stored(long id) {
        var found = reader.get("orders", List.of(key(id), key(-1)));
        assertThat(found).containsOnlyKeys(key(id));
        return found.get(key(id));
    }

    private List<StoredDocument> all() {
        List<StoredDocument> all = new ArrayList<>();
        reader.scan("orders", 1_000, all::addAll);
        return all;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertCode(ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }
}
