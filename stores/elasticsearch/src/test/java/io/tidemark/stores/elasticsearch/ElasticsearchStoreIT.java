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
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
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
    void a_newer_version_wins_and_an_older_one_or_the_same_is_stale() {
        assertThat(write(set(1, 9, "9"))).containsExactly(WriteOutcome.applied());
        assertThat(write(set(1, 10, "10"))).containsExactly(WriteOutcome.applied());
        assertThat(write(set(1, 10, "10"))).containsExactly(WriteOutcome.stale());
        assertThat(write(set(1, 9, "9"), set(2, 9, "9"))).containsExactly(WriteOutcome.stale(), WriteOutcome.applied());
        assertThat(stored(1).body().get("total").asText()).isEqualTo("10");
        assertThat(stored(1).position()).isEqualTo(10);
    }

    @Test
    void an_older_write_after_a_delete_does_not_bring_the_document_back() {
        write(set(1, 5, "5"));
        assertThat(write(delete(1, 6))).containsExactly(WriteOutcome.applied());
        assertThat(write(delete(1, 6))).containsExactly(WriteOutcome.stale());
        assertThat(write(set(1, 5, "5"))).containsExactly(WriteOutcome.stale());
        assertThat(all()).isEmpty();
        assertThat(write(delete(2, 6))).as("of what never was there").containsExactly(WriteOutcome.applied());
        assertThat(write(set(2, 5, "5"))).containsExactly(WriteOutcome.stale());
        assertThat(write(set(1, 7, "7"))).containsExactly(WriteOutcome.applied());
        assertThat(all()).extracting(StoredDocument::key).containsExactly(key(1));
    }

    @Test
    void the_last_of_several_changes_of_one_key_in_a_batch_counts() {
        assertThat(write(set(1, 5, "1"), delete(1, 6), set(1, 7, "2"), set(2, 5, "3"), delete(2, 6)))
                .containsOnly(WriteOutcome.applied());
        assertThat(all())
                .extracting(document -> document.body().get("total").asText())
                .containsExactly("2");
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
        assertThat(write(set(1, 7, "7"))).containsExactly(WriteOutcome.applied());
    }

    @Test
    void what_somebody_else_wrote_is_seen_as_theirs() {
        server.orFail("PUT", "/" + index + "/_doc/7", Json.parseObject("{\"total\":1.10}"));
        assertThat(stored(7).position()).isZero();
        assertThat(all()).extracting(StoredDocument::key).containsExactly(new RowKey("{\"_id\":\"7\"}"));
    }

    @Test
    void the_applied_tidemark_is_the_minimum_and_empty_until_all_partitions_have_one() {
        assertThat(reader.appliedTidemark()).isEmpty();
        writer.write(List.of(), List.of(claim(0, 7)));
        assertThat(reader.appliedTidemark()).isEmpty();
        writer.write(List.of(set(1, 5, "1")), List.of(claim(1, 5)));
        assertThat(reader.appliedTidemark()).hasValue(claim(1, 5).tidemark());
        writer.write(List.of(), List.of(claim(1, 4), claim(0, 6)));
        assertThat(reader.appliedTidemark()).hasValue(claim(1, 5).tidemark());
        TidemarkRef idle = new TidemarkRef(5, new Lsn(501));
        writer.write(List.of(), List.of(new AppliedTidemark(1, idle)));
        assertThat(reader.appliedTidemark())
                .as("idle: the number stays, the LSN moves")
                .hasValue(idle);
    }

    @Test
    void a_scan_sees_every_document_once_and_in_batches() {
        writer.write(LongStream.range(0, 1_250).mapToObj(id -> set(id, 3, "1")).toList(), List.of());
        List<RowKey> seen = new ArrayList<>();
        reader.scan(alias, 400, batch -> {
            assertThat(batch).isNotEmpty().hasSizeLessThanOrEqualTo(400);
            batch.forEach(document -> seen.add(document.key()));
        });
        assertThat(seen).hasSize(1_250).doesNotHaveDuplicates();
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

    @Test
    void a_generation_of_another_lineage_or_partitioning_or_without_its_index_is_refused() {
        opened(generation, 2);
        assertCode(ErrorCode.DATA_LOSS, () -> opened(new Generation(alias, 1, "lineage-b"), 2))
                .hasMessageContaining(
                        "was built from another capture or another definition (lineage-a, ours is lineage-b)");
        assertCode(ErrorCode.CONFIGURATION, () -> opened(generation, 3));
        writer.write(List.of(), List.of(claim(0, 7)));
        server.orFail("DELETE", "/" + index, null);
        assertCode(ErrorCode.DATA_LOSS, () -> opened(generation, 2)).hasMessageContaining("start a new generation");
    }

    @Test
    void a_killed_server_is_retriable_or_unreachable_and_works_after_its_restart() {
        var process = SharedStack.elasticsearch();
        write(set(1, 5, "1"));
        process.kill();
        assertThat(write(set(1, 6, "2"))).allMatch(WriteOutcome.Retriable.class::isInstance);
        assertCode(ErrorCode.UNREACHABLE, () -> writer.write(List.of(), List.of(claim(0, 6))));
        assertCode(ErrorCode.UNREACHABLE, () -> ElasticsearchStore.check(settings))
                .hasMessageContaining("does not answer");
        process.restart();
        assertThat(write(set(1, 6, "2"))).containsOnly(WriteOutcome.applied());
        assertThat(write(set(1, 5, "1"))).containsOnly(WriteOutcome.stale());
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
        ElasticsearchWriter fresh =
                closing(new ElasticsearchWriter(settings, alias, which, partitions, Map.of("lines.price", "double")));
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

    private Document set(long id, long position, String total) {
        return new Document(alias, key(id), new Version(position, 0), Json.parseObject("{\"total\":" + total + "}"));
    }

    private Document delete(long id, long position) {
        return new Document(alias, key(id), new Version(position, 0), null);
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
