package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SqlMirrorIT {

    private static final Generation GENERATION = new Generation("warehouse", 1, "lineage-a");
    private static final String PRODUCTS = "public.products";

    /** Columns named t and n are there to shadow aliases, if anything can. */
    private static final Relation RELATION = new Relation(
            TableId.parse(PRODUCTS),
            List.of(
                    new Column("id", "bigint", 20, false),
                    new Column("price", "numeric", 1700, true),
                    new Column("mood", "public.mood", 99_999, true),
                    new Column("moods", "public.mood[]", 99_998, true),
                    new Column("at", "timestamp with time zone", 1184, true),
                    new Column("t", "character varying(5)", 1043, true),
                    new Column("n", "jsonb", 3802, true),
                    new Column("raw", "bytea", 17, true),
                    new Column("odd \"name\"", "integer[]", 1007, true)),
            List.of("id"),
            List.of(),
            1);

    private final String url = SharedStack.freshDatabase();
    private final SqlSettings settings = new SqlSettings(
            url,
            SharedStack.postgres().superuser(),
            new Secret(SharedStack.postgres().password()));
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private SqlMirrorWriter writer;
    private SqlMirrorReader reader;

    @BeforeEach
    void open() {
        writer = opened(GENERATION, 2);
        reader = new SqlMirrorReader(settings, "mirror", List.of(RELATION), GENERATION);
        toClose.add(reader);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    @Test
    void the_order_within_a_position_counts() {
        assertThat(write(set(1, 5, 1, "5"))).containsExactly(WriteOutcome.applied());
        assertThat(write(set(1, 5, 2, "5.2"))).containsExactly(WriteOutcome.applied());
        assertThat(write(set(1, 5, 2, "5.2"))).containsExactly(WriteOutcome.stale());
        assertThat(write(set(1, 5, 0, "4"))).containsExactly(WriteOutcome.stale());
        assertThat(write(set(1, 4, 9, "4"))).containsExactly(WriteOutcome.stale());
        assertThat(stored(1).body().get("price")).isEqualTo(Json.parse("5.2"));
        assertThat(stored(1).position()).isEqualTo(5);
    }

    @Test
    void a_truncate_deletes_what_is_older_and_an_older_write_after_it_does_not_come_back() {
        write(set(1, 5, 0, "5"), set(2, 6, 1, "6"), set(3, 7, 0, "7"));
        assertThat(write(truncate(6, 2))).containsExactly(WriteOutcome.applied());
        assertThat(all()).extracting(StoredDocument::position).containsExactly(7L);

        assertThat(write(set(1, 5, 0, "5"), set(4, 6, 1, "6"), set(5, 6, 3, "6.3")))
                .containsExactly(WriteOutcome.stale(), WriteOutcome.stale(), WriteOutcome.applied());
        assertThat(write(truncate(4, 0))).as("an older one, read again").containsExactly(WriteOutcome.applied());
        assertThat(write(set(4, 6, 1, "6"))).containsExactly(WriteOutcome.stale());
        assertThat(all()).hasSize(2);
    }

    @Test
    void a_truncate_among_the_changes_of_a_batch_counts_at_its_version() {
        write(set(1, 4, 0, "4"), set(2, 4, 1, "4"));

        assertThat(write(set(1, 5, 0, "5"), set(3, 5, 1, "5"), truncate(5, 2), truncate(5, 3), set(3, 5, 4, "5.4")))
                .containsOnly(WriteOutcome.applied());

        assertThat(all())
                .extracting(document -> document.key() + " " + document.body().get("price"))
                .containsExactly("{\"id\":3} 5.4");
    }

    @Test
    void the_last_of_several_changes_of_one_key_in_a_batch_counts() {
        assertThat(write(set(1, 5, 0, "1"), delete(1, 5, 1), set(1, 5, 2, "2"), set(2, 5, 3, "3"), delete(2, 6)))
                .containsOnly(WriteOutcome.applied());
        assertThat(all())
                .extracting(document -> document.body().get("price").asText())
                .containsExactly("2");
    }

    @Test
    void every_value_comes_back_as_the_source_printed_it() {
        ObjectNode row = Json.parseObject("""
                {"id": 9223372036854775807, "price": 123456789012345678901234567890.1234567890, "mood": "so-so",
                 "moods": ["a", null], "at": "2024-03-01T12:00:00.123456+00:00", "t": "ab\\"ü", "n": {"x": 1.10},
                 "raw": "\\\\x00ff", "odd \\"name\\"": [1, null, 3]}
                """);
        write(new Document(PRODUCTS, RELATION.keyOf(row), new Version(3, 0), row));
        StoredDocument stored =
                reader.get(PRODUCTS, List.of(RELATION.keyOf(row))).get(RELATION.keyOf(row));
        // An array of a type the warehouse lacks is kept as jsonb.
        assertThat(Json.same(stored.body(), row)).as(Json.pretty(stored.body())).isTrue();
        write(set(1, 3, 0, "1.10"), set(2, 3, 0, "\"NaN\""));
        assertThat(stored(1).body().get("price").toString()).isEqualTo("1.10");
        assertThat(stored(2).body().get("price").asText()).isEqualTo("NaN");
    }

    private static List<Document> fiftyRowsOfWhichTwoDoNotFit() {
        List<Document> batch = new ArrayList<>();
        IntStream.range(0, 50).forEach(id -> batch.add(set(id, 5, id, "1")));
        batch.set(17, document(17, 5, 17, "\"t\": \"too long\""));
        batch.set(31, document(31, 5, 31, "\"n\": \"nul \\u0000\""));
        return batch;
    }

    @Test
    void rows_that_do_not_fit_are_rejected_alone() {
        List<WriteOutcome> outcomes = writer.write(fiftyRowsOfWhichTwoDoNotFit(), List.of());

        assertThat(IntStream.range(0, 50).filter(i -> outcomes.get(i) instanceof WriteOutcome.Rejected))
                .containsExactly(17, 31);
        assertThat(outcomes.get(17).toString()).contains("value too long for type character varying(5)");
        assertThat(outcomes).filteredOn(WriteOutcome.applied()::equals).hasSize(48);
        assertThat(all()).hasSize(48);
    }

    @Test
    void with_a_claim_a_row_that_does_not_fit_holds_back_the_whole_batch_so_that_no_transaction_is_seen_in_part() {
        List<WriteOutcome> outcomes = writer.write(fiftyRowsOfWhichTwoDoNotFit(), List.of(claim(0, 5), claim(1, 5)));

        assertThat(IntStream.range(0, 50).filter(i -> outcomes.get(i) instanceof WriteOutcome.Rejected))
                .containsExactly(17, 31);
        assertThat(outcomes)
                .filteredOn(WriteOutcome.Retriable.class::isInstance)
                .hasSize(48);
        assertThat(all()).isEmpty();
        assertThat(reader.appliedTidemark()).isEmpty();
    }

    @Test
    void what_is_written_as_one_is_seen_as_one_however_many_batches_it_comes_in() {
        write(set(7, 4, 0, "4"));
        List<Integer> seen = new ArrayList<>();
        Iterator<List<Document>> batches = Stream.of(
                        List.of(set(1, 5, 0, "1"), delete(7, 5, 1)),
                        List.of(set(1, 5, 3, "3"), set(2, 5, 4, "4")),
                        List.of(set(1, 5, 2, "2")))
                .peek(batch -> seen.add(all().size()))
                .iterator();

        assertThat(writer.writeAsOne(batches, List.of(claim(0, 5), claim(1, 5))))
                .isEqualTo(WriteOutcome.applied());

        assertThat(seen).as("by a reader, before each batch").containsExactly(1, 1, 1);
        assertThat(all())
                .extracting(document -> document.body().get("price").asText())
                .containsExactlyInAnyOrder("3", "4");
        assertThat(reader.appliedTidemark()).hasValue(claim(0, 5).tidemark());
    }

    /** The statement of a mend does not see what the writer has deleted and not committed yet. */
    @Test
    void a_row_that_a_writer_is_deleting_is_not_brought_back_by_a_mend() throws Exception {
        write(set(1, 5, 0, "5"));
        SqlMender mender = SqlMender.ofMirror(settings, new SqlMirror("mirror", List.of(RELATION), false), GENERATION);
        toClose.add(mender);
        Document right = document(1, 6, Integer.MAX_VALUE, "\"price\": 6");
        List<CompletableFuture<List<MendOutcome>>> mends = new ArrayList<>();
        Iterator<List<Document>> batches = Stream.of(List.of(delete(1, 7)), List.of(set(2, 7, 1, "7")))
                .peek(batch -> {
                    if (!batch.get(0).deletes()) {
                        mends.add(CompletableFuture.supplyAsync(() -> mender.mend(List.of(new Mend(right, 5)))));
                        await().until(this::somebodyWaitsForALock);
                    }
                })
                .iterator();

        assertThat(writer.writeAsOne(batches, List.of(claim(0, 7), claim(1, 7))))
                .isEqualTo(WriteOutcome.applied());

        assertThat(mends.get(0).get(1, TimeUnit.MINUTES)).containsExactly(MendOutcome.newer());
        assertThat(all()).extracting(StoredDocument::position).containsExactly(7L);
    }

    private boolean somebodyWaitsForALock() throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        url,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                Statement statement = connection.createStatement();
                ResultSet waiting = statement.executeQuery("select from pg_stat_activity"
                        + " where datname = current_database() and wait_event_type = 'Lock'")) {
            return waiting.next();
        }
    }

    @Test
    void of_what_is_written_as_one_nothing_stays_when_a_row_does_not_fit_or_the_connection_is_lost() {
        List<AppliedTidemark> claims = List.of(claim(0, 5), claim(1, 5));
        Document unfit = document(2, 5, 1, "\"t\": \"too long\"");
        assertThat(writer.writeAsOne(
                        List.of(List.of(set(1, 5, 0, "1")), List.of(unfit)).iterator(), claims))
                .isInstanceOfSatisfying(WriteOutcome.Rejected.class, refused -> assertThat(refused.reason())
                        .startsWith("public.products {\"id\":2}: ")
                        .contains("too long"));
        assertThat(all()).isEmpty();

        Iterator<List<Document>> cutOff = Stream.of(List.of(set(1, 5, 0, "1")), List.of(set(2, 5, 1, "2")))
                .peek(batch -> {
                    if (batch.get(0).version().order() == 1) {
                        cutConnections("idle in transaction");
                    }
                })
                .iterator();
        assertThat(writer.writeAsOne(cutOff, claims)).isInstanceOf(WriteOutcome.Retriable.class);
        assertThat(all()).isEmpty();
        assertThat(reader.appliedTidemark()).isEmpty();

        Iterator<List<Document>> failing = Stream.of(List.of(set(1, 5, 0, "1")), List.<Document>of())
                .peek(batch -> batch.get(0))
                .iterator();
        assertThatThrownBy(() -> writer.writeAsOne(failing, claims)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(all()).isEmpty();

        assertThat(writer.writeAsOne(List.of(List.of(set(1, 5, 0, "1"))).iterator(), claims))
                .isEqualTo(WriteOutcome.applied());
        assertThat(all()).hasSize(1);
    }

    @Test
    void a_generation_of_another_lineage_or_partitioning_or_schema_in_use_is_refused() {
        assertCode(ErrorCode.DATA_LOSS, () -> opened(new Generation("warehouse", 1, "lineage-b"), 2))
                .hasMessageContaining(
                        "was built from another capture or another definition (lineage-a, ours is lineage-b)");
        assertCode(ErrorCode.CONFIGURATION, () -> opened(GENERATION, 3)).hasMessageContaining("2 partitions");
        assertCode(ErrorCode.CONFIGURATION, () -> opened(new Generation("warehouse", 2, "lineage-a"), 2))
                .hasMessageContaining("holds warehouse@1");
        assertThat(write(set(1, 5, 0, "1"))).as("none of them fenced us").containsExactly(WriteOutcome.applied());
    }

    @Test
    void a_missing_column_is_added_and_a_missing_table_is_not_passed_over() throws SQLException {
        writer.write(List.of(), List.of(claim(0, 5)));
        execute("alter table mirror.products drop column price");
        writer = opened(GENERATION, 2);
        assertThat(write(set(1, 6, 0, "1.50"))).containsExactly(WriteOutcome.applied());
        assertThat(stored(1).body().get("price").toString()).isEqualTo("1.50");
        execute("drop table mirror.products");
        assertCode(ErrorCode.DATA_LOSS, () -> opened(GENERATION, 2));
    }

    @Test
    void a_lost_connection_is_retriable_and_the_next_write_works() throws SQLException {
        write(set(1, 5, 0, "1"));
        cutConnections("idle");
        assertThat(writer.write(List.of(set(1, 6, 0, "2")), List.of(claim(0, 6), claim(1, 6))))
                .allMatch(WriteOutcome.Retriable.class::isInstance);
        assertThat(writer.write(List.of(set(1, 6, 0, "2")), List.of(claim(0, 6), claim(1, 6))))
                .containsExactly(WriteOutcome.applied());
        assertThat(new SqlMirrorReader(settings, "mirror", List.of(RELATION), GENERATION).appliedTidemark())
                .hasValue(claim(0, 6).tidemark());
    }

    @Test
    void a_check_names_the_version_and_a_wrong_password_is_called_that_without_printing_it() {
        assertThat(SqlStore.check(settings)).startsWith("PostgreSQL ");
        SqlSettings wrong = new SqlSettings(url, "nobody", new Secret("canary"));
        assertCode(ErrorCode.UNREACHABLE, () -> SqlStore.check(wrong))
                .hasMessageContaining("refuses the credentials of user 'nobody'")
                .hasMessageNotContaining("canary");
        SqlSettings nowhere =
                new SqlSettings("jdbc:postgresql://127.0.0.1:1/warehouse", "nobody", new Secret("canary"));
        assertCode(ErrorCode.UNREACHABLE, () -> SqlStore.check(nowhere)).hasMessageContaining("does not answer");
    }

    @Test
    void many_rows_go_through_and_their_rate_is_printed() {
        List<Document> rows = LongStream.range(0, 50_000)
                .mapToObj(id -> document(id, 3, 0, "\"price\": 1.10, \"n\": {\"text\": \"" + "x".repeat(80) + "\"}"))
                .toList();
        long start = System.nanoTime();
        for (int from = 0; from < rows.size(); from += 5_000) {
            writer.write(rows.subList(from, from + 5_000), List.of());
        }
        System.out.printf("SQL: %d rows/s%n", 50_000L * 1_000_000_000 / (System.nanoTime() - start));
        assertThat(all()).hasSize(50_000);
    }

    private void cutConnections(String state) {
        try {
            execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tidemark'"
                    + " and datname = current_database() and state = '" + state + "'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private SqlMirrorWriter opened(Generation generation, int partitions) {
        SqlMirrorWriter fresh = new SqlMirrorWriter(
                settings, new SqlMirror("mirror", List.of(RELATION), false), generation, partitions);
        toClose.add(fresh);
        fresh.open();
        return fresh;
    }

    private List<WriteOutcome> write(Document... documents) {
        return writer.write(List.of(documents), List.of());
    }

    private static Document set(long id, long position, int order, String price) {
        return document(id, position, order, "\"price\": " + price);
    }

    private static Document document(long id, long position, int order, String fields) {
        ObjectNode body = Json.parseObject("{\"id\": " + id + ", " + fields + "}");
        return new Document(PRODUCTS, RELATION.keyOf(body), new Version(position, order), body);
    }

    private static Document truncate(long position, int order) {
        return new Document(PRODUCTS, RowKey.TRUNCATE, new Version(position, order), null);
    }

    private static Document delete(long id, long position) {
        return delete(id, position, 0);
    }

    private static Document delete(long id, long position, int order) {
        return new Document(PRODUCTS, new RowKey("{\"id\":" + id + "}"), new Version(position, order), null);
    }

    private static AppliedTidemark claim(int partition, long number) {
        return new AppliedTidemark(partition, new TidemarkRef(number, new Lsn(number * 100)));
    }

    private StoredDocument stored(long id) {
        RowKey key = new RowKey("{\"id\":" + id + "}");
        Map<RowKey, StoredDocument> found = reader.get(PRODUCTS, List.of(key, new RowKey("{\"id\":-1}")));
        assertThat(found).containsOnlyKeys(key);
        return found.get(key);
    }

    private List<StoredDocument> all() {
        List<StoredDocument> all = new ArrayList<>();
        reader.scan(PRODUCTS, 1_000, all::addAll);
        Hashed.assertAsHandedOut(reader, PRODUCTS, all);
        return all;
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        url,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertCode(
            ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }
}
