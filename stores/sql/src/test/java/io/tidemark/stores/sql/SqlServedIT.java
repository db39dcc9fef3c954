package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
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
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.ServedGeneration;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables that change their names under writers and readers. */
@Timeout(120)
class SqlServedIT {

    private static final Column ID = new Column("id", "bigint", 20, false);
    private static final Column BY = new Column("by", "text", 25, true);
    private static final Relation RELATION =
            new Relation(new TableId("public", "orders"), List.of(ID, BY), List.of("id"), List.of(), 1);
    private static final TableId TABLE = new TableId("reporting", "orders");

    /** What is served from the table. */
    enum Kind {
        DOCUMENTS,
        MIRROR,
        HISTORY
    }

    private final String url = SharedStack.freshDatabase();
    private SqlSettings settings = new SqlSettings(
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

    @ParameterizedTest
    @EnumSource
    void readers_have_one_generation_or_the_other_and_writers_follow_the_tables(Kind kind) throws Exception {
        DocumentWriter first = writer(kind, 1);
        write(kind, first, 50, set(kind, 1, 50, "a"), set(kind, 2, 50, "a"));
        DocumentWriter second = writer(kind, 2);
        write(kind, second, 50, set(kind, 1, 50, "b"));
        execute(
                "create view public.shown as select * from reporting.orders where id < 10",
                "create role " + role() + " login password 'r'",
                "grant usage on schema reporting to " + role(),
                "grant select on reporting.orders to " + role());
        assertThat(served()).containsExactly("1 a50", "2 a50");

        serve(kind, 2, 1);
        assertThat(served()).containsExactly("1 b50");
        assertThat(rows("select has_table_privilege('" + role() + "', 'reporting.orders', 'select')"))
                .containsExactly("t");
        assertThat(rows("select count(*) from public.shown")).containsExactly("1");
        write(kind, first, 51, set(kind, 3, 51, "a"), delete(kind, 1, 51));
        write(kind, second, 51, set(kind, 4, 51, "b"));
        assertThat(served()).containsExactly("1 b50", "4 b51");
        assertThat(of(kind, 1)).containsExactlyInAnyOrder("2", "3");
        assertThat(of(kind, 2)).containsExactlyInAnyOrder("1", "4");

        serve(kind, 1, 3);
        serve(kind, 2, 2);
        assertThat(served()).containsExactly("2 a50", "3 a51");
        assertThat(rows("select count(*) from public.shown")).containsExactly("2");
        write(kind, second, 52, set(kind, 5, 52, "b"));
        DocumentWriter successor = writer(kind, 2);
        assertThat(successor.claims()).containsExactly(claim(52));
        serve(kind, 1, 3);
        try (ServedGeneration dropped = switching(kind, 2)) {
            dropped.drop();
        }
        assertThat(rows("select nspname || '.' || relname from pg_class c join pg_namespace n on n.oid = relnamespace"
                        + " where nspname like '%@%' or relname like '%@%'"))
                .isEmpty();
        assertThat(served()).containsExactly("2 a50", "3 a51");
        execute("drop owned by " + role(), "drop role " + role());
    }

    @ParameterizedTest
    @EnumSource
    void a_transaction_that_has_read_the_one_reads_no_other_and_the_switch_waits_for_it(Kind kind) throws Exception {
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        write(kind, writer(kind, 2), 50, set(kind, 1, 50, "b"));
        try (Connection reader = connect();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            assertThat(rows(statement, SERVED)).containsExactly("1 a50");
            CompletableFuture<Void> switched = CompletableFuture.runAsync(() -> serve(kind, 2, 1));
            awaitAttempts();
            assertThat(rows(statement, SERVED)).containsExactly("1 a50");
            assertThat(served()).as("nobody else waits").containsExactly("1 a50");
            assertThat(switched).isNotDone();
            reader.commit();
            switched.get(30, TimeUnit.SECONDS);
            assertThat(rows(statement, SERVED)).containsExactly("1 b50");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_transaction_with_a_snapshot_from_before_the_new_one_was_whole_never_sees_it(Kind kind) throws Exception {
        asPlainRoles();
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        DocumentWriter second = writer(kind, 2);
        try (Connection reader = DriverManager.getConnection(url, role() + "_r", "r");
                Statement statement = reader.createStatement()) {
            statement.execute("begin isolation level repeatable read");
            assertThat(rows(statement, "select 1")).containsExactly("1");
            write(kind, second, 50, set(kind, 1, 50, "b"));
            CompletableFuture<Void> switched = CompletableFuture.runAsync(() -> serve(kind, 2, 1));
            assertThatThrownBy(() -> switched.get(2, TimeUnit.SECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            assertThat(rows(statement, SERVED)).containsExactly("1 a50");
            statement.execute("commit");
            switched.get(30, TimeUnit.SECONDS);
        }
        assertThat(served()).containsExactly("1 b50");
        dropPlainRoles();
    }

    @ParameterizedTest
    @EnumSource
    void what_readers_have_already_is_decided_again_without_waiting_for_any(Kind kind) throws Exception {
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        write(kind, writer(kind, 2), 50, set(kind, 1, 50, "b"));
        try (Connection reader = connect();
                Statement statement = reader.createStatement()) {
            statement.execute("begin isolation level repeatable read");
            assertThat(rows(statement, SERVED)).containsExactly("1 a50");
            somebodyCommits();
            CompletableFuture.runAsync(() -> serve(kind, 1, 5)).get(30, TimeUnit.SECONDS);
            CompletableFuture.runAsync(() -> serve(kind, 2, 4)).get(30, TimeUnit.SECONDS);
            statement.execute("commit");
        }
        serve(kind, 2, 4);
        assertThat(served()).as("an earlier decision").containsExactly("1 a50");
    }

    @ParameterizedTest
    @EnumSource
    void who_goes_on_with_a_switch_waits_for_no_reader_who_came_since_it_was_decided(Kind kind) throws Exception {
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        DocumentWriter second = writer(kind, 2);
        try (Connection before = connect();
                Connection since = connect();
                Statement early = before.createStatement();
                Statement late = since.createStatement()) {
            early.execute("begin isolation level repeatable read");
            assertThat(rows(early, "select 1")).containsExactly("1");
            write(kind, second, 50, set(kind, 1, 50, "b"));
            CompletableFuture<Void> killed = CompletableFuture.runAsync(() -> serve(kind, 2, 1));
            awaitAttempts();
            rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tidemark'"
                    + " and datname = current_database()");
            assertThatThrownBy(() -> killed.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(TidemarkException.class);

            late.execute("begin isolation level repeatable read");
            assertThat(rows(late, "select 1")).containsExactly("1");
            somebodyCommits();
            early.execute("commit");
            CompletableFuture.runAsync(() -> serve(kind, 2, 1)).get(30, TimeUnit.SECONDS);
            assertThat(rows(late, SERVED)).containsExactly("1 b50");
        }
    }

    @ParameterizedTest
    @EnumSource
    void rows_that_are_kept_from_readers_are_kept_from_them_by_the_next_one_too(Kind kind) throws Exception {
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        write(kind, writer(kind, 2), 50, set(kind, 1, 50, "b"));
        execute(
                "create view public.shown with (security_barrier = true) as select id from reporting.orders",
                "alter table reporting.orders enable row level security",
                "create policy late on reporting.orders for select using (id > 5)");

        assertThatThrownBy(() -> serve(kind, 2, 1)).hasMessageContaining("row level security");
        assertThat(served()).containsExactly("1 a50");

        String beside = kind == Kind.DOCUMENTS ? "reporting.\"orders@2\"" : "\"reporting@2\".orders";
        execute(
                "alter table " + beside + " enable row level security",
                "create policy late on " + beside + " for select using (id > 5)");
        serve(kind, 2, 1);
        assertThat(served()).containsExactly("1 b50");
        assertThat(rows("select reloptions::text from pg_class where relname = 'shown'"))
                .containsExactly("{security_barrier=true}");
    }

    @ParameterizedTest
    @EnumSource
    void a_warehouse_says_what_it_gives_readers_and_what_another_capture_decided_counts_no_more(Kind kind)
            throws Exception {
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        write(kind, writer(kind, 2), 50, set(kind, 1, 50, "b"));
        serve(kind, 2, 7);
        try (ServedGeneration first = switching(kind, 1);
                ServedGeneration second = switching(kind, 2)) {
            assertThat(first.isServed()).isFalse();
            assertThat(second.isServed()).isTrue();
        }
        Generation anew = new Generation("orders", 1, "another capture");
        try (ServedGeneration served = kind == Kind.DOCUMENTS
                ? new SqlDocumentServed(settings, TABLE, anew)
                : new SqlMirrorServed(settings, TABLE.schema(), anew)) {
            served.serve(1);
        }
        assertThat(served()).containsExactly("1 a50");
    }

    @ParameterizedTest
    @EnumSource
    void rows_are_mended_where_their_generation_has_them(Kind kind) throws Exception {
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        write(kind, writer(kind, 2), 50, set(kind, 1, 50, "b"));
        mend(kind, 2, set(kind, 1, 50, "mended b"));
        assertThat(served()).containsExactly("1 a50");
        serve(kind, 2, 1);
        assertThat(served()).containsExactly("1 mended b50");
        mend(kind, 1, set(kind, 1, 50, "mended a"));
        assertThat(served()).containsExactly("1 mended b50");
        serve(kind, 1, 2);
        assertThat(served()).containsExactly("1 mended a50");
    }

    @Test
    void what_somebody_made_in_the_place_of_a_table_is_not_mended() throws Exception {
        Kind kind = Kind.DOCUMENTS;
        write(kind, writer(kind, 1), 50, set(kind, 1, 50, "a"));
        execute(
                "alter table reporting.orders rename to ours",
                "create table reporting.orders (like reporting.ours including all)");
        assertThatThrownBy(() -> mend(kind, 1, set(kind, 1, 50, "mended")))
                .hasMessageContaining("there is nothing to mend");
        assertThat(served()).isEmpty();
    }

    @Test
    void a_name_that_leaves_no_room_is_no_hindrance_to_a_first_generation() throws Exception {
        String longest = "o".repeat(63);
        Generation first = generation(1);
        SqlDocumentTable table = new SqlDocumentTable(new TableId("reporting", longest), List.of(ID), List.of());
        SqlMirror mirror = new SqlMirror(longest, List.of(RELATION), false);
        DocumentWriter documents = closing(new SqlDocumentWriter(settings, table, first, 1, () -> true));
        DocumentWriter rows = closing(new SqlMirrorWriter(settings, mirror, first, 1, () -> true));
        documents.open();
        rows.open();
        write(Kind.DOCUMENTS, documents, 50, set(Kind.DOCUMENTS, 1, 50, "a"));
        write(Kind.MIRROR, rows, 50, set(Kind.MIRROR, 1, 50, "a"));

        for (ServedGeneration served : List.of(
                closing(new SqlDocumentServed(settings, table.table(), first)),
                closing(new SqlMirrorServed(settings, longest, first)))) {
            served.serve(0);
            assertThat(served.isServed()).isTrue();
            assertThat(served.bytes()).isPresent();
        }
        assertThat(rows("select id from reporting." + longest)).containsExactly("1");
        assertThat(rows("select id from " + longest + ".orders")).containsExactly("1");
        DocumentWriter second = closing(new SqlDocumentWriter(settings, table, generation(2), 1, () -> false));
        assertThatThrownBy(second::open).hasMessageContaining("too long a name");
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }

    private void mend(Kind kind, int number, Document right) {
        try (SqlMender mender = kind == Kind.DOCUMENTS
                ? SqlMender.ofDocuments(settings, documents(), generation(number))
                : SqlMender.ofMirror(
                        settings,
                        new SqlMirror(TABLE.schema(), List.of(RELATION), kind == Kind.HISTORY),
                        generation(number))) {
            assertThat(mender.mend(List.of(new Mend(right, right.version().position()))))
                    .containsOnly(MendOutcome.mended());
        }
    }

    /** A superuser is shown of other sessions what nobody else is. */
    private void asPlainRoles() throws SQLException {
        execute(
                "create role " + role() + "_w login password 'r'",
                "create role " + role() + "_r login password 'r' in role " + role() + "_w",
                "do $$ begin execute format('grant create on database %I to " + role()
                        + "_w', current_database()); end $$");
        settings = new SqlSettings(url, role() + "_w", new Secret("r"));
    }

    private void dropPlainRoles() throws SQLException {
        for (String each : List.of("_r", "_w")) {
            execute("drop owned by " + role() + each + " cascade", "drop role " + role() + each);
        }
    }

    private static final String SERVED =
            "select id || ' ' || coalesce(to_jsonb(o) #>> '{document,by}', to_jsonb(o) ->> 'by') from reporting.orders o"
                    + " order by id";

    private static String role() {
        return "served_reader_" + ProcessHandle.current().pid();
    }

    private List<String> served() throws SQLException {
        return rows(SERVED);
    }

    /** What was begun before has an older snapshot than what begins now. */
    private void somebodyCommits() throws SQLException {
        assertThat(rows("select pg_current_xact_id()")).hasSize(1);
    }

    /** The switch asks for the lock, gives up, and asks again. */
    private void awaitAttempts() throws SQLException {
        String attempts = "select xact_rollback from pg_stat_database where datname = current_database()";
        long before = Long.parseLong(rows(attempts).get(0));
        Awaitility.await().until(() -> Long.parseLong(rows(attempts).get(0)) > before + 3);
    }

    private static Generation generation(int number) {
        return new Generation("orders", number, "lineage-" + number);
    }

    /** Decisions are counted for all generations of one capture. */
    private static Generation decided(int number) {
        return new Generation("orders", number, "capture");
    }

    private DocumentWriter writer(Kind kind, int number) {
        DocumentWriter fresh = kind == Kind.DOCUMENTS
                ? new SqlDocumentWriter(settings, documents(), generation(number), 1, () -> number == 1)
                : new SqlMirrorWriter(
                        settings,
                        new SqlMirror(TABLE.schema(), List.of(RELATION), kind == Kind.HISTORY),
                        generation(number),
                        1,
                        () -> number == 1);
        toClose.add(fresh);
        fresh.open();
        return fresh;
    }

    private static SqlDocumentTable documents() {
        return new SqlDocumentTable(TABLE, List.of(ID), List.of());
    }

    private ServedGeneration switching(Kind kind, int number) {
        return kind == Kind.DOCUMENTS
                ? new SqlDocumentServed(settings, TABLE, decided(number))
                : new SqlMirrorServed(settings, TABLE.schema(), decided(number));
    }

    private void serve(Kind kind, int number, int decision) {
        try (ServedGeneration served = switching(kind, number)) {
            served.serve(decision);
        }
    }

    private List<String> of(Kind kind, int number) {
        List<String> keys = new ArrayList<>();
        try (DocumentReader reader = kind == Kind.DOCUMENTS
                ? new SqlDocumentReader(settings, documents(), generation(number))
                : new SqlMirrorReader(settings, TABLE.schema(), List.of(RELATION), generation(number))) {
            assertThat(reader.appliedTidemark()).isPresent();
            reader.scan(
                    collection(kind),
                    100,
                    batch -> batch.forEach(
                            each -> keys.add(each.key().values().get("id").asText())));
        }
        return keys;
    }

    private static void write(Kind kind, DocumentWriter writer, long number, Document... documents) {
        assertThat(kind).isNotNull();
        assertThat(writer.write(List.of(documents), List.of(claim(number)))).containsOnly(WriteOutcome.applied());
    }

    private static AppliedTidemark claim(long number) {
        return new AppliedTidemark(0, new TidemarkRef(number, new Lsn(number)));
    }

    private static String collection(Kind kind) {
        return kind == Kind.DOCUMENTS ? "orders" : "public.orders";
    }

    private static Document set(Kind kind, long id, long position, String by) {
        return document(kind, id, position, Json.object().put("id", id).put("by", by + position));
    }

    private static Document delete(Kind kind, long id, long position) {
        return document(kind, id, position, null);
    }

    private static Document document(
            Kind kind,
            long id,
            long position,
            com.fasterxml.jackson.databind.node.@org.jspecify.annotations.Nullable ObjectNode body) {
        return new Document(collection(kind), new RowKey("{\"id\":" + id + "}"), new Version(position, 0), body)
                .from(new Document.Origin(
                        body == null ? io.tidemark.model.Operation.DELETE : io.tidemark.model.Operation.UPDATE,
                        java.time.Instant.ofEpochMilli(position)));
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private List<String> rows(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            return rows(statement, sql);
        }
    }

    private static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
