package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.HashedDocument;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is special to documents in a table; what every store does is in {@link SqlDocumentConformanceIT}. */
@Timeout(120)
class SqlDocumentIT {

    private static final Generation GENERATION = new Generation("orders", 1, "lineage-a");
    private static final TableId TABLE = new TableId("reporting", "orders");
    private static final Column ID = new Column("id", "bigint", 20, false);
    private static final Column TOTAL = new Column("total", "numeric(12,2)", 1700, true);
    private static final Column STATUS = new Column("status", "public.status", 99_999, true, 1, "{\"1\":\"new\"}");
    private static final Column LINES = new Column("lines", "jsonb", 3802, true);
    private static final long GATE = 4_242;

    private final String url = SharedStack.freshDatabase();
    private final SqlSettings settings = new SqlSettings(
            url,
            SharedStack.postgres().superuser(),
            new Secret(SharedStack.postgres().password()));
    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    @Test
    void a_writer_that_was_silent_for_so_long_that_its_count_is_forgotten_takes_nothing_for_lost() throws SQLException {
        SqlDocumentWriter silent = opened();
        opened().write(List.of(), List.of(claim(0, 5)));
        execute("delete from reporting._tidemark_writes");

        assertThat(silent.claims()).containsExactly(claim(0, 5));
        assertThat(silent.write(List.of(set(1, 6, "\"a\": 1")), List.of(claim(0, 6))))
                .containsExactly(WriteOutcome.applied());
        assertThat(silent.claims()).containsExactly(claim(0, 6));
    }

    @Test
    void entries_of_the_document_are_columns_of_their_types() throws SQLException {
        SqlDocumentWriter writer = opened(TOTAL, STATUS, LINES);
        write(writer, set(1, 5, "\"total\": 12.50, \"status\": \"new\", \"lines\": [{\"n\": 1}]"));
        write(writer, set(2, 5, "\"total\": null, \"status\": \"NaN\", \"lines\": null"));

        assertThat(rows("select id, total, status, lines ->> 0, document ->> 'total', _tidemark from reporting.orders"
                        + " order by total nulls last"))
                .containsExactly("1|12.50|new|{\"n\": 1}|12.50|5", "2|null|NaN|null|null|5");
        assertThat(rows("select column_name || ' ' || data_type from information_schema.columns"
                        + " where table_name = 'orders' order by ordinal_position"))
                .containsExactly(
                        "id bigint",
                        "document jsonb",
                        "total numeric",
                        "status text",
                        "lines jsonb",
                        "_tidemark bigint",
                        "_tidemark_order integer");
        assertThat(all(TOTAL, STATUS, LINES))
                .allSatisfy(document ->
                        assertThat(document.body().has("_tidemark_columns")).isFalse());
    }

    /** One statement cannot touch a row twice. */
    @Test
    void keys_in_one_batch_that_are_equal_to_postgresql_only_are_one_row() throws SQLException {
        SqlDocumentWriter writer = opened();
        Document same =
                new Document("orders", new RowKey("{\"id\":\"1\"}"), new Version(6, 0), Json.parseObject("{\"a\": 2}"));
        write(writer, set(1, 5, "\"a\": 1"), same, set(2, 5, "\"a\": 3"));
        assertThat(rows("select id, document ->> 'a' from reporting.orders order by id"))
                .containsExactly("1|2", "2|3");
    }

    @Test
    void a_column_or_a_document_that_somebody_changed_is_seen() throws SQLException {
        SqlDocumentWriter writer = opened(TOTAL);
        write(writer, set(1, 5, "\"total\": 1.50"), set(2, 5, "\"total\": 2.50"), set(3, 5, "\"total\": 3.50"));
        List<HashedDocument> before = hashes(TOTAL);

        execute("update reporting.orders set total = 1.55 where id = 1");
        execute("update reporting.orders set document = document || '{\"total\": 2.55}' where id = 2");
        execute("update reporting.orders set document = '[]', total = null where id = 3");

        assertThat(body(1, TOTAL))
                .isEqualTo(Json.parse("{\"id\":1,\"total\":1.50,\"_tidemark_columns\":{\"total\":1.55}}"));
        assertThat(body(2, TOTAL))
                .isEqualTo(Json.parse("{\"id\":2,\"total\":2.55,\"_tidemark_columns\":{\"total\":2.50}}"));
        assertThat(body(3, TOTAL)).isEqualTo(Json.object());
        assertThat(hashes(TOTAL)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void a_row_without_a_position_is_there_all_the_same() throws SQLException {
        write(opened(TOTAL), set(1, 5, "\"total\": 1.50"));
        execute("alter table reporting.orders alter _tidemark drop not null");
        execute("insert into reporting.orders select 2, document, total, null, 0 from reporting.orders");

        assertThat(all(TOTAL)).extracting(StoredDocument::position).containsExactlyInAnyOrder(5L, 0L);
    }

    @Test
    void a_row_without_a_key_is_named() throws SQLException {
        write(opened(TOTAL), set(1, 5, "\"total\": 1.50"));
        execute("alter table reporting.orders drop constraint orders_pkey");
        execute("alter table reporting.orders alter id drop not null");
        execute("insert into reporting.orders select null, document, total, 5, 0 from reporting.orders");

        assertCode(ErrorCode.FAILED, () -> hashes(TOTAL))
                .hasMessageContaining("\"reporting\".\"orders\"")
                .hasMessageContaining("make the key (id) again");
    }

    @Test
    void keys_of_any_type_are_read_back_as_they_are_in_topics() {
        List<Column> key = List.of(
                new Column("price", "numeric(12,2)", 1700, false),
                new Column("at", "timestamp with time zone", 1184, false),
                new Column("code", "character(5)", 1042, false),
                new Column("mood", "public.mood", 99_999, false, 1, "{\"1\":\"5\"}"),
                new Column("size", "public.positive", 99_998, false));
        SqlDocumentTable table = new SqlDocumentTable(TABLE, key, List.of());
        SqlDocumentWriter writer = opened(table, GENERATION);
        RowKey row = new RowKey(
                "{\"price\":1.5,\"at\":\"2024-03-01T12:00:00.5+00:00\",\"code\":\"ab\",\"mood\":\"5\",\"size\":5}");
        write(
                writer,
                new Document("orders", row, new Version(5, 0), Json.object().put("a", 1)));

        try (SqlDocumentReader reader = new SqlDocumentReader(settings, table, GENERATION)) {
            assertThat(reader.get("orders", List.of(row))).containsOnlyKeys(row);
        }
        assertThat(write(writer, new Document("orders", row, new Version(6, 0), null)))
                .containsExactly(WriteOutcome.applied());
        assertThat(write(writer, new Document("orders", row, new Version(5, 0), Json.object())))
                .containsExactly(WriteOutcome.stale());
    }

    @Test
    void numbers_keep_every_digit_and_their_scale() {
        SqlDocumentWriter writer = opened();
        String numbers = "\"total\": 1.10, \"huge\": 123456789012345678901234567890.1234567890, \"list\": [0.00, 100]";
        write(writer, set(1, 5, numbers));
        assertThat(Json.same(body(1), Json.parse("{\"id\":1," + numbers + "}"))).isTrue();
    }

    @Test
    void columns_follow_the_setting_and_are_filled_from_the_documents() throws SQLException {
        SqlDocumentWriter first = opened(TOTAL, LINES);
        write(first, set(1, 5, "\"total\": 1.50, \"status\": \"new\", \"lines\": [], \"note\": \"words\""));
        execute("alter table reporting.orders add column note integer");
        execute("update reporting.orders set note = 7");

        Column wider = new Column("total", "numeric(14,3)", 1700, true);
        SqlDocumentWriter second = opened(wider, STATUS);

        assertThat(rows("select total, status, note from reporting.orders")).containsExactly("1.500|new|7");
        assertThat(rows("select column_name from information_schema.columns"
                        + " where table_name = 'orders' and column_name = 'lines'"))
                .isEmpty();
        assertThat(write(second, set(1, 6, "\"total\": 1.505, \"status\": \"old\"")))
                .containsExactly(WriteOutcome.applied());
        assertThat(rows("select total, status, note from reporting.orders")).containsExactly("1.505|old|7");
        assertCode(ErrorCode.CONFIGURATION, () -> opened(new Column("note", "text", 25, true)))
                .hasMessageContaining("has a column 'note' that is not Tidemark's");
    }

    @Test
    void a_table_of_somebody_elses_is_refused() throws SQLException {
        execute("create schema reporting");
        execute("create table reporting.orders (id bigint primary key)");
        assertCode(ErrorCode.CONFIGURATION, () -> opened()).hasMessageContaining("is not this read model's");
        execute("drop table reporting.orders");
        opened();
        SqlDocumentTable same = new SqlDocumentTable(TABLE, List.of(ID), List.of());
        assertCode(ErrorCode.CONFIGURATION, () -> opened(same, new Generation("others", 1, "lineage-a")))
                .hasMessageContaining("is not this read model's");
    }

    @Test
    void a_table_made_anew_is_noticed_by_every_writer_of_it() throws SQLException {
        SqlDocumentWriter one = opened();
        SqlDocumentWriter other = opened();
        one.write(List.of(set(1, 5, "\"a\": 1")), List.of(claim(0, 5)));
        other.write(List.of(set(2, 5, "\"a\": 2")), List.of(claim(1, 5)));
        assertThat(applied()).hasValue(claim(0, 5).tidemark());

        execute("drop table reporting.orders");
        assertThat(applied()).isEmpty();
        assertCode(ErrorCode.DATA_LOSS, () -> one.write(List.of(), List.of(claim(0, 6))));
        one.open();
        one.write(List.of(set(1, 5, "\"a\": 1")), List.of(claim(0, 6)));

        assertCode(ErrorCode.DATA_LOSS, () -> other.write(List.of(), List.of(claim(1, 6))));
        assertThat(applied()).as("what the other wrote is not there").isEmpty();
        other.open();
        assertThat(other.write(List.of(set(2, 5, "\"a\": 2")), List.of(claim(1, 6))))
                .containsExactly(WriteOutcome.applied());
        assertThat(applied()).hasValue(claim(0, 6).tidemark());
    }

    @Test
    void an_older_write_that_meets_a_delete_on_its_way_does_not_bring_the_document_back() throws Exception {
        SqlDocumentWriter former = opened();
        SqlDocumentWriter newer = opened();
        write(former, set(1, 4, "\"a\": 4"));
        waitAtTheGate("delete", "old");
        try (Connection gate = closedGate()) {
            var deleting = CompletableFuture.supplyAsync(() -> write(newer, delete(1, 6)));
            awaitWaiting(1);
            var late = CompletableFuture.supplyAsync(() -> write(former, set(1, 5, "\"a\": 5")));
            awaitWaiting(2);
            open(gate);
            assertThat(deleting.get(60, TimeUnit.SECONDS)).containsExactly(WriteOutcome.applied());
            assertThat(late.get(60, TimeUnit.SECONDS)).containsExactly(WriteOutcome.stale());
        }
        assertThat(all()).isEmpty();
    }

    @Test
    void writers_that_delete_nothing_do_not_wait_for_each_other() throws Exception {
        SqlDocumentWriter one = opened();
        SqlDocumentWriter other = opened();
        waitAtTheGate("insert", "new");
        try (Connection gate = closedGate()) {
            var waiting = CompletableFuture.supplyAsync(() -> write(one, set(1, 5, "\"a\": 1")));
            awaitWaiting(1);
            assertThat(write(other, set(2, 5, "\"a\": 2"))).containsExactly(WriteOutcome.applied());
            assertThat(waiting).isNotDone();
            open(gate);
            assertThat(waiting.get(60, TimeUnit.SECONDS)).containsExactly(WriteOutcome.applied());
        }
        assertThat(all()).hasSize(2);
    }

    @Test
    void deletes_are_forgotten_when_no_writer_may_be_older() throws SQLException {
        SqlDocumentTable table = new SqlDocumentTable(TABLE, List.of(ID), List.of());
        SqlDocumentWriter writer = opened(settings.withDeletesRemembered(Duration.ofSeconds(2)), table, GENERATION);
        write(writer, set(1, 4, "\"a\": 1"), delete(1, 5));
        assertThat(rows("select key from reporting._tidemark_deleted")).hasSize(1);
        await().untilAsserted(() -> {
            writer.rejoin();
            write(writer, set(2, 5, "\"a\": 2"));
            assertThat(rows("select key from reporting._tidemark_deleted")).isEmpty();
        });
    }

    private SqlDocumentWriter opened(Column... columns) {
        return opened(new SqlDocumentTable(TABLE, List.of(ID), List.of(columns)), GENERATION);
    }

    private SqlDocumentWriter opened(SqlDocumentTable table, Generation generation) {
        return opened(settings, table, generation);
    }

    private SqlDocumentWriter opened(SqlSettings how, SqlDocumentTable table, Generation generation) {
        SqlDocumentWriter writer = new SqlDocumentWriter(how, table, generation, 2);
        toClose.add(writer);
        writer.open();
        return writer;
    }

    private static List<WriteOutcome> write(SqlDocumentWriter writer, Document... documents) {
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

    private Optional<TidemarkRef> applied() {
        try (SqlDocumentReader reader = reader()) {
            return reader.appliedTidemark();
        }
    }

    private ObjectNode body(long id, Column... columns) {
        try (SqlDocumentReader reader = reader(columns)) {
            return reader.get("orders", List.of(key(id))).get(key(id)).body();
        }
    }

    private List<StoredDocument> all(Column... columns) {
        List<StoredDocument> all = new ArrayList<>();
        try (SqlDocumentReader reader = reader(columns)) {
            reader.scan("orders", 100, all::addAll);
            Hashed.assertAsHandedOut(reader, "orders", all);
        }
        return all;
    }

    private List<HashedDocument> hashes(Column... columns) {
        List<HashedDocument> hashes = new ArrayList<>();
        try (SqlDocumentReader reader = reader(columns)) {
            reader.hashes("orders", new Division(1, 0), BitSet.valueOf(new long[] {1}), hashes::addAll);
        }
        return hashes;
    }

    private SqlDocumentReader reader(Column... columns) {
        return new SqlDocumentReader(settings, new SqlDocumentTable(TABLE, List.of(ID), List.of(columns)), GENERATION);
    }

    /** While the gate is closed, transactions that do this to document 1 wait there. */
    private void waitAtTheGate(String what, String row) throws SQLException {
        execute("create function gate() returns trigger language plpgsql as $$begin"
                + " perform pg_advisory_xact_lock_shared(" + GATE + "); return " + row + "; end$$");
        execute("create trigger gate before " + what + " on reporting.orders for each row when (" + row
                + ".id = 1) execute function gate()");
    }

    private static void open(Connection gate) throws SQLException {
        try (Statement statement = gate.createStatement()) {
            statement.execute("select pg_advisory_unlock(" + GATE + ")");
        }
    }

    private Connection closedGate() throws SQLException {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_lock(" + GATE + ")");
        }
        return connection;
    }

    private void awaitWaiting(int sessions) {
        await().untilAsserted(
                        () -> assertThat(rows("select pid from pg_stat_activity where datname = current_database()"
                                        + " and application_name = 'tidemark' and wait_event_type = 'Lock'"))
                                .hasSize(sessions));
    }

    private List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                StringBuilder text = new StringBuilder(String.valueOf(row.getString(1)));
                for (int i = 2; i <= row.getMetaData().getColumnCount(); i++) {
                    text.append('|').append(row.getString(i));
                }
                rows.add(text.toString());
            }
        }
        return rows;
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertCode(
            ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOfSatisfying(TidemarkException.class, e -> assertThat(e.code())
                .isEqualTo(code));
    }
}
