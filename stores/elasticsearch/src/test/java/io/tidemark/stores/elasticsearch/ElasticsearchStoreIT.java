package io.tidemark.stores.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ElasticsearchStoreIT {

    private static final AtomicInteger ALIASES = new AtomicInteger();

    private final ElasticsearchSettings settings =
            ElasticsearchSettings.of(SharedStack.elasticsearch().url());
    private final String alias = "orders" + ALIASES.incrementAndGet();
    private final Generation generation = new Generation(alias, 1, "lineage-a");
    private final String index = alias + "-1";
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private ElasticsearchServer server;
    private ElasticsearchWriter writer;
    private ElasticsearchReader reader;

    @BeforeEach
    void open() {
        server = closing(new ElasticsearchServer(settings));
        writer = opened(generation, 2);
        reader = closing(new ElasticsearchReader(settings, alias, generation));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    @Test
    void numbers_and_text_come_back_to_the_digit() {
        ObjectNode body = Json.parseObject("""
                {"a": 1.10, "b": 123456789012345678901234567890, "c": 0.123456789012345678901234567890,
                 "d": "ü\\n\\"😀", "e": "2024-03-01", "f": [1.0, 1.00], "g": {"h": 1e400}}
                """);
        assertThat(write(new Document(alias, key(1), new Version(1, 0), body))).containsOnly(WriteOutcome.applied());
        assertThat(Json.text(stored(1).body())).isEqualTo(Json.text(body));
        assertThat(all()).extracting(document -> Json.text(document.body())).containsExactly(Json.text(body));
    }

    @Test
    void bookkeeping_that_does_not_answer_is_not_taken_for_bookkeeping_without_claims() {
        writer.claims();
        server.orFail("POST", "/" + TidemarkIndex.NAME + "/_close", null);
        try {
            assertCode(ErrorCode.UNREACHABLE, writer::claims).hasMessageContaining("does not say what was applied");
        } finally {
            server.orFail("POST", "/" + TidemarkIndex.NAME + "/_open?wait_for_active_shards=1", null);
        }
        assertThat(writer.claims()).isEmpty();
    }

    @Test
    void an_index_is_made_with_what_the_user_adds_and_what_is_derived_stays() {
        String own = alias + "added";
        Generation which = new Generation(own, 1, "lineage-a");
        ElasticsearchWriter added = closing(writer(
                own,
                which,
                2,
                new IndexAdditions(
                        Json.parseObject("{\"number_of_shards\": 2, \"index\": {\"refresh_interval\": \"5s\"}}"),
                        Json.parseObject("""
                        {"properties": {"status": {"type": "keyword"},
                                        "lines": {"type": "nested", "properties": {"sku": {"type": "keyword"}}}}}
                        """))));
        added.open();
        var settingsMade = server.orFail("GET", "/" + own + "-1/_settings?flat_settings=true", null)
                .json()
                .path(own + "-1")
                .path("settings");
        assertThat(settingsMade.path("index.number_of_shards").asText()).isEqualTo("2");
        assertThat(settingsMade.path("index.refresh_interval").asText()).isEqualTo("5s");
        assertThat(settingsMade.path("index.gc_deletes").asText()).isEqualTo("1h");
        var fields = server.orFail("GET", "/" + own + "-1/_mapping", null)
                .json()
                .path(own + "-1")
                .at("/mappings/properties");
        assertThat(fields.at("/status/type").asText()).isEqualTo("keyword");
        assertThat(fields.at("/lines/type").asText()).isEqualTo("nested");
        assertThat(fields.at("/lines/properties/sku/type").asText()).isEqualTo("keyword");
        assertThat(fields.at("/lines/properties/price/type").asText()).isEqualTo("double");
        assertThat(fields.at("/_tidemark/type").asText()).isEqualTo("long");
    }

    @Test
    void what_elasticsearch_does_not_take_is_said_as_a_wrong_configuration() {
        IndexAdditions wrong =
                new IndexAdditions(Json.object(), Json.parseObject("{\"properties\": {\"a\": {\"type\": \"txet\"}}}"));
        String own = alias + "wrong";
        assertCode(ErrorCode.CONFIGURATION, () -> closing(writer(own, new Generation(own, 1, "lineage-a"), 2, wrong))
                        .open())
                .hasMessageContaining("txet");
    }

    @Test
    void documents_that_cannot_be_mapped_or_named_are_rejected_alone_and_hold_the_claims_back() {
        write(set(1, 1, "1"));
        Document poison = set(3, 5, "{\"not\": \"a number\"}");
        Document longKey = new Document(
                alias, new RowKey("{\"id\":\"" + "é".repeat(257) + "\"}"), new Version(5, 0), Json.object());

        List<WriteOutcome> outcomes = writer.write(
                List.of(set(2, 5, "2"), poison, longKey, set(4, 5, "4")), List.of(claim(0, 5), claim(1, 5)));

        assertThat(outcomes.get(1))
                .isInstanceOf(WriteOutcome.Rejected.class)
                .asString()
                .contains("total");
        assertThat(outcomes.get(2))
                .isInstanceOf(WriteOutcome.Rejected.class)
                .asString()
                .contains("512 bytes");
        assertThat(List.of(outcomes.get(0), outcomes.get(3))).containsOnly(WriteOutcome.applied());
        assertThat(reader.appliedTidemark()).isEmpty();
        assertThat(all()).hasSize(3);
    }

    @Test
    void a_write_refused_because_of_somebody_elses_is_told_from_a_stale_one() {
        write(set(1, 5, "5"));
        server.orFail("POST", "/" + index + "/_update/1", Json.parseObject("{\"doc\":{\"total\":99}}"));
        assertThat(write(set(1, 6, "6"))).containsExactly(new WriteOutcome.ChangedElsewhere(5));
        assertThat(stored(1).position()).isEqualTo(6);
        assertThat(write(set(1, 9, "9"))).containsExactly(WriteOutcome.applied());
    }

    @Test
    void what_somebody_else_wrote_is_seen_as_theirs() {
        server.orFail("PUT", "/" + index + "/_doc/7", Json.parseObject("{\"total\":1.10}"));
        assertThat(stored(7).position()).isZero();
        assertThat(all()).extracting(StoredDocument::key).containsExactly(new RowKey("{\"_id\":\"7\"}"));
    }

    @Test
    void a_document_is_believed_to_have_the_key_of_its_id_only() {
        write(set(1, 5, "5"), set(2, 5, "5"));
        ObjectNode source = (ObjectNode)
                server.orFail("GET", "/" + index + "/_doc/1", null).json().required("_source");
        server.orFail("PUT", "/" + index + "/_doc/8", source);
        server.orFail("POST", "/" + index + "/_update/2", Json.parseObject("{\"doc\":{\"_tidemark_key\":\"[5]\"}}"));

        assertThat(all())
                .extracting(document -> document.key().json())
                .containsExactlyInAnyOrder("{\"id\":1}", "{\"_id\":\"8\"}", "{\"_id\":\"2\"}");
    }

    @Test
    void a_document_with_a_routing_is_believed_to_have_its_key_where_it_is_found_by_it() {
        String own = alias + "routed";
        Generation which = new Generation(own, 1, "lineage-a");
        ElasticsearchWriter routed = closing(writer(
                own, which, 2, new IndexAdditions(Json.parseObject("{\"number_of_shards\": 2}"), Json.object())));
        routed.open();
        for (int id = 1; id <= 8; id++) {
            ObjectNode source = Json.object().put("_tidemark", 5).put("_tidemark_key", key(id).json());
            server.orFail("PUT", "/" + own + "-1/_doc/" + id + "?routing=elsewhere", source);
        }
        ElasticsearchReader all = closing(new ElasticsearchReader(settings, own, which));

        List<RowKey> believed = new ArrayList<>();
        List<RowKey> others = new ArrayList<>();
        all.scan(
                own,
                100,
                batch -> batch.forEach(
                        document -> (document.key().json().contains("_id") ? others : believed).add(document.key())));

        assertThat(believed).isNotEmpty().allSatisfy(key -> assertThat(all.get(own, List.of(key)))
                .isNotEmpty());
        assertThat(others).isNotEmpty().allSatisfy(key -> assertThat(all.get(own, List.of(key)))
                .isEmpty());

        ElasticsearchMender mender = closing(new ElasticsearchMender(settings, own, which));
        List<Mend> mends = others.stream()
                .map(key -> new Mend(new Document(own, key, new Version(6, 0), null), 5))
                .toList();
        assertThat(mender.mend(mends)).containsOnly(MendOutcome.mended());
        List<RowKey> left = new ArrayList<>();
        all.scan(own, 100, batch -> batch.forEach(document -> left.add(document.key())));
        assertThat(left).containsExactlyInAnyOrderElementsOf(believed);
    }

    @Test
    void a_mend_takes_away_what_says_another_key_than_its_own_and_nothing_that_says_its_own() {
        write(set(1, 5, "5"), set(2, 5, "5"));
        server.orFail("POST", "/" + index + "/_update/2", Json.parseObject("{\"doc\":{\"_tidemark_key\":\"[5]\"}}"));
        ElasticsearchMender mender = closing(new ElasticsearchMender(settings, alias, generation));
        List<Mend> mends = Stream.of("1", "2")
                .map(id -> new RowKey("{\"_id\":\"" + id + "\"}"))
                .map(key -> new Mend(new Document(alias, key, new Version(7, 0), null), 5))
                .toList();

        assertThat(mender.mend(mends)).containsOnly(MendOutcome.mended());

        assertThat(all()).extracting(StoredDocument::key).containsExactly(key(1));
    }

    @Test
    void what_somebody_raised_the_version_of_is_overwritten_by_the_next_write() {
        write(set(1, 5, "5"), set(2, 5, "5"));
        server.orFail("PUT", "/" + index + "/_doc/1?version=1000&version_type=external", theirs(1));
        server.orFail("PUT", "/" + index + "/_doc/2?version=1000&version_type=external", theirs(2));

        assertThat(write(set(1, 6, "6"), new Document(alias, key(2), new Version(6, 0), null)))
                .containsOnly(new WriteOutcome.ChangedElsewhere(5));
        assertThat(all()).extracting(StoredDocument::position).containsExactly(6L);
        assertThat(write(set(1, 6, "6"))).containsExactly(WriteOutcome.stale());
    }

    private static ObjectNode theirs(long id) {
        return Json.object()
                .put("_tidemark", 5)
                .put("_tidemark_key", key(id).json())
                .put("total", 99);
    }

    @Test
    void a_batch_larger_than_a_request_is_split() {
        String large = "\"" + "x ".repeat(1 << 20) + "\"";
        assertThat(write(set(1, 1, large), set(2, 1, large), set(3, 1, large), set(4, 1, large)))
                .hasSize(4)
                .containsOnly(WriteOutcome.applied());
    }

    @Test
    void what_was_written_is_found_through_the_alias_after_a_refresh() {
        write(set(1, 5, "5"));
        writer.refresh();
        var hits =
                server.orFail("GET", "/" + alias + "/_search?q=total:5", null).json();
        assertThat(hits.at("/hits/total/value").asInt()).isEqualTo(1);
    }

    @Test
    void the_alias_stays_with_the_generation_that_has_it() {
        opened(new Generation(alias, 2, "lineage-a"), 2);
        var indices = server.orFail("GET", "/_alias/" + alias, null).json();
        assertThat(indices.fieldNames()).toIterable().containsExactly(index);
        server.orFail("HEAD", "/" + alias + "-2", null);
    }

    /** Their versions say nothing about each other. */
    @Test
    void an_index_that_another_model_writes_is_refused() {
        assertCode(ErrorCode.CONFIGURATION, () -> closing(
                                writer(alias, new Generation("others", 1, "lineage-a"), 2, IndexAdditions.none()))
                        .open())
                .hasMessageContaining(index, generation + "'s");
    }

    @Test
    void a_lineage_is_refused_in_words_and_so_is_a_server_that_is_not_there() {
        assertCode(ErrorCode.DATA_LOSS, () -> opened(new Generation(alias, 1, "lineage-b"), 2))
                .hasMessageContaining(
                        "was built from another capture or another definition (lineage-a, ours is lineage-b)");
        assertCode(
                        ErrorCode.UNREACHABLE,
                        () -> ElasticsearchStore.check(ElasticsearchSettings.of("http://127.0.0.1:1")))
                .hasMessageContaining("does not answer");
    }

    @Test
    void an_index_deleted_under_a_running_writer_is_not_made_by_its_next_write_and_nothing_is_claimed_of_it() {
        writer.write(List.of(set(1, 5, "5")), List.of(claim(0, 5), claim(1, 5)));
        server.orFail("DELETE", "/" + index, null);

        assertCode(ErrorCode.DATA_LOSS, () -> write(set(1, 6, "6")))
                .hasMessageContaining("must be filled from the start");
        assertCode(ErrorCode.DATA_LOSS, () -> writer.write(List.of(), List.of(claim(0, 6), claim(1, 6))));

        assertThat(server.orFail("HEAD", "/" + index, null, 404).ok()).isFalse();
        assertThat(reader.appliedTidemark()).isEmpty();
    }

    @Test
    void an_index_made_anew_by_another_writer_is_told_from_the_one_that_was_opened() {
        writer.write(List.of(set(1, 5, "5")), List.of(claim(0, 5), claim(1, 5)));
        server.orFail("DELETE", "/" + index, null);
        ElasticsearchWriter other = opened(generation, 2);

        assertThat(reader.appliedTidemark()).isEmpty();
        assertCode(ErrorCode.DATA_LOSS, () -> write(set(2, 6, "6")));
        assertThat(all()).isEmpty();
        assertThat(other.write(List.of(set(1, 5, "5")), List.of(claim(0, 4), claim(1, 4))))
                .containsExactly(WriteOutcome.applied());
        assertThat(reader.appliedTidemark()).hasValue(claim(0, 4).tidemark());
    }

    @Test
    void the_bookkeeping_deleted_under_a_running_writer_is_not_made_by_its_next_claim() {
        server.orFail("DELETE", "/" + TidemarkIndex.NAME, null);
        assertCode(ErrorCode.DATA_LOSS, () -> writer.write(List.of(set(1, 6, "6")), List.of(claim(0, 6), claim(1, 6))));
        assertThat(server.orFail("HEAD", "/" + TidemarkIndex.NAME, null, 404).ok())
                .isFalse();
    }

    @Test
    void the_time_deletes_are_remembered_is_the_index_s_own() {
        server.orFail("PUT", "/" + index + "/_settings", Json.parseObject("{\"index.gc_deletes\": \"0s\"}"));
        ElasticsearchWriter other = opened(generation, 2);
        assertCode(ErrorCode.FENCED, () -> other.write(List.of(set(1, 6, "6")), List.of()))
                .hasMessageContaining("deletes are remembered for 0 s");
        server.orFail("PUT", "/" + index + "/_settings", Json.parseObject("{\"index.gc_deletes\": \"-1\"}"));
        assertCode(ErrorCode.CONFIGURATION, () -> opened(generation, 2)).hasMessageContaining("index.gc_deletes");
    }

    @Test
    void a_check_names_the_version() {
        assertThat(ElasticsearchStore.check(settings)).startsWith("Elasticsearch 8.");
    }

    @Test
    void many_documents_go_through_and_their_rate_is_printed() {
        List<Document> documents = LongStream.range(0, 30_000)
                .mapToObj(id -> set(id, 3, "{\"text\": \"" + "some words ".repeat(30) + "\"}"))
                .toList();
        long start = System.nanoTime();
        for (int from = 0; from < documents.size(); from += 5_000) {
            writer.write(documents.subList(from, from + 5_000), List.of());
        }
        System.out.printf("Elasticsearch: %d documents/s%n", 30_000L * 1_000_000_000 / (System.nanoTime() - start));
        assertThat(reader.get(alias, List.of(key(29_999)))).hasSize(1);
    }

    private ElasticsearchWriter opened(Generation which, int partitions) {
        ElasticsearchWriter fresh = closing(writer(alias, which, partitions, IndexAdditions.none()));
        fresh.open();
        return fresh;
    }

    private ElasticsearchWriter writer(String as, Generation which, int partitions, IndexAdditions additions) {
        return new ElasticsearchWriter(settings, as, which, partitions, Map.of("lines.price", "double"), additions);
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    private List<WriteOutcome> write(Document... documents) {
        return writer.write(List.of(documents), List.of());
    }

    private Document set(long id, long position, String total) {
        return new Document(alias, key(id), new Version(position, 0), Json.parseObject("{\"total\":" + total + "}"));
    }

    private static RowKey key(long id) {
        return new RowKey("{\"id\":" + id + "}");
    }

    private static AppliedTidemark claim(int partition, long number) {
        return new AppliedTidemark(partition, new TidemarkRef(number, new Lsn(number * 100)));
    }

    private StoredDocument stored(long id) {
        var found = reader.get(alias, List.of(key(id), key(-1)));
        assertThat(found).containsOnlyKeys(key(id));
        return found.get(key(id));
    }

    private List<StoredDocument> all() {
        List<StoredDocument> all = new ArrayList<>();
        reader.scan(alias, 1_000, all::addAll);
        return all;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertCode(ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }
}
