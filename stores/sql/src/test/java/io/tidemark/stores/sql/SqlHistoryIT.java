package io.tidemark.stores.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Operation;
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
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SqlHistoryIT {

    private static final Generation GENERATION = new Generation("warehouse", 1, "lineage-a");
    private static final String COLLECTION = "public.accounts";
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    /** The key has two columns, and names are there to shadow aliases of the SQL, if anything can. */
    private static final Relation RELATION = new Relation(
            TableId.parse(COLLECTION),
            List.of(
                    new Column("i", "text", 25, false),
                    new Column("h", "bigint", 20, false),
                    new Column("n", "character varying(9)", 1043, true),
                    new Column("position", "numeric", 1700, true)),
            List.of("i", "h"),
            List.of(),
            1);

    private final String url = SharedStack.freshDatabase();
    private final SqlSettings settings = new SqlSettings(
            url,
            SharedStack.postgres().superuser(),
            new Secret(SharedStack.postgres().password()));
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Connection connection;
    private String schema;
    private SqlMirrorWriter writer;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
        toClose.add(connection);
        writer = opened();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    /** In a schema of its own. */
    private SqlMirrorWriter opened() {
        schema = "mirror" + SCHEMAS.incrementAndGet();
        return reopened();
    }

    private SqlMirrorWriter reopened() {
        SqlMirrorWriter fresh =
                new SqlMirrorWriter(settings, new SqlMirror(schema, List.of(RELATION), true), GENERATION, 1);
        toClose.add(fresh);
        fresh.open();
        return fresh;
    }

    /** Versions of few keys, several in one transaction, with deletes, truncates and clocks that run backwards. */
    private static List<Document> random(Random random) {
        List<Document> versions = new ArrayList<>();
        for (int position = 1; position <= 40; position++) {
            Instant committed = BEGIN.plusMillis(10L * position + random.nextInt(60));
            int changes = 1 + random.nextInt(4);
            for (int order = 0; order < changes; order++) {
                versions.add(change(random, new Version(position, order), committed));
            }
        }
        return versions;
    }

    private static Document change(Random random, Version version, Instant committed) {
        int what = random.nextInt(40);
        int id = random.nextInt(5);
        if (what == 0) {
            return truncate(version, committed);
        }
        return what < 12 ? delete(id, version, committed) : set(id, version, committed);
    }

    @RepeatedTest(4)
    void as_of_every_version_the_history_is_what_the_changes_make_whatever_comes_how_often(RepetitionInfo run)
            throws SQLException {
        List<Document> versions = random(new Random(run.getCurrentRepetition()));
        Random random = new Random(run.getCurrentRepetition());
        int at = 0;
        while (at < versions.size()) {
            int end = Math.min(versions.size(), at + 1 + random.nextInt(20));
            assertThat(writer.write(versions.subList(at, end), List.of())).allMatch(WriteOutcome::settled);
            boolean again = random.nextInt(3) == 0;
            writer = again && random.nextBoolean() ? claimedAndReopened() : writer;
            at = again ? Math.max(0, end - random.nextInt(30)) : end;
        }
        assertRight(versions);
        assertTimesArePrefixes(versions);
        List<String> inOrder = intervals();

        for (int shuffle = 0; shuffle < 3; shuffle++) {
            writer = opened();
            List<Document> shuffled = new ArrayList<>(versions);
            shuffled.addAll(versions.subList(0, versions.size() / 2));
            Collections.shuffle(shuffled, random);
            for (int from = 0; from < shuffled.size(); from += 9) {
                writer.write(shuffled.subList(from, Math.min(shuffled.size(), from + 9)), List.of());
            }
            assertThat(intervals()).as("shuffled").isEqualTo(inOrder);
            assertRight(versions);
        }
    }

    private SqlMirrorWriter claimedAndReopened() {
        writer.write(List.of(), List.of(claim(1)));
        return reopened();
    }

    /** The state after each version, and of no key two versions at a time, nor a hole without a delete. */
    private void assertRight(List<Document> versions) throws SQLException {
        Map<String, String> state = new TreeMap<>();
        for (Document version : versions) {
            apply(version, state);
            assertThat(asOf(version.version()))
                    .as("as of %s", version.version())
                    .isEqualTo(state);
        }
        assertThat(current()).isEqualTo(state);
        assertThat(asOf("_tidemark_valid_to is null and _tidemark_operation <> 'd'"))
                .as("current versions")
                .isEqualTo(state);
        assertThat(query("select a.h from %s a join %s b on a.i = b.i and a.h = b.h and (a._tidemark_from,"
                        + " a._tidemark_from_order) < (b._tidemark_from, b._tidemark_from_order)"
                        + " where a._tidemark_operation <> 'd' and (a._tidemark_valid_to is null"
                        + " or a._tidemark_valid_to > b._tidemark_valid_from"
                        + " or (a._tidemark_to, a._tidemark_to_order) > (b._tidemark_from, b._tidemark_from_order))"))
                .as("overlaps in position or time")
                .isEmpty();
        assertThat(query("select h from %s where _tidemark_valid_to < _tidemark_valid_from"))
                .as("times that end before they begin")
                .isEmpty();
    }

    /** Whatever the clocks said: the rows as of a time are those as of the last position up to it. */
    private void assertTimesArePrefixes(List<Document> versions) throws SQLException {
        Instant newest = BEGIN;
        Map<Instant, Map<String, String>> byTime = new TreeMap<>();
        Map<String, String> state = new TreeMap<>();
        for (Document version : versions) {
            Instant committed = version.origin().committed();
            newest = committed.isAfter(newest) ? committed : newest;
            apply(version, state);
            byTime.put(newest, new TreeMap<>(state));
        }
        assertThat(byTime).hasSizeGreaterThan(10);
        for (Map.Entry<Instant, Map<String, String>> each : byTime.entrySet()) {
            String time = "'" + each.getKey() + "'::timestamptz";
            assertThat(asOf("_tidemark_valid_from <= " + time + " and (_tidemark_valid_to > " + time
                            + " or _tidemark_valid_to is null)"))
                    .as("as of %s", each.getKey())
                    .isEqualTo(each.getValue());
        }
    }

    private static void apply(Document version, Map<String, String> state) {
        ObjectNode body = version.body();
        if (version.truncates()) {
            state.clear();
        } else if (body == null) {
            state.remove(version.key().json());
        } else {
            state.put(version.key().json(), Json.canonical(body));
        }
    }

    @Test
    void each_version_says_its_change_and_a_delete_is_an_empty_one() throws SQLException {
        writer.write(
                List.of(
                        set(1, new Version(1, 0), BEGIN, Operation.READ),
                        set(1, new Version(2, 0), BEGIN.plusMillis(5), Operation.UPDATE),
                        delete(1, new Version(2, 1), BEGIN.plusMillis(5)),
                        // The tombstone that topics have behind a delete.
                        delete(1, new Version(2, 1), BEGIN.plusSeconds(9)),
                        set(1, new Version(7, 0), BEGIN.plusMillis(6), Operation.CREATE)),
                List.of());

        assertThat(intervals()).containsExactly("1.0-2.0 r", "2.0-2.1 u", "2.1-2.1 d", "7.0-null.null c");
        assertThat(query("select extract(milliseconds from _tidemark_valid_from)::int || ' '"
                        + " || coalesce(extract(milliseconds from _tidemark_valid_to)::int::text, '')"
                        + " from %s order by _tidemark_from, _tidemark_from_order"))
                .containsExactly("0 5", "5 5", "5 5", "6 ");
    }

    @Test
    void when_a_row_was_read_again_is_no_time_of_the_transactions_around_it() throws SQLException {
        writer.write(
                List.of(
                        set(1, new Version(1, 0), BEGIN.plusMillis(5)),
                        set(2, new Version(2, 0), BEGIN.plusMillis(900), Operation.READ),
                        set(3, new Version(3, 0), BEGIN.plusMillis(6))),
                List.of());
        assertThat(query("select extract(milliseconds from _tidemark_valid_from)::int from %s order by 1"))
                .containsExactly("5", "5", "6");
    }

    @Test
    void what_is_written_as_one_has_every_version_of_every_batch_or_nothing() throws SQLException {
        List<AppliedTidemark> claims = List.of(claim(9));
        List<Document> versions = random(new Random(5));
        Document unfit = document(1, new Version(50, 0), "\"much too long\"", BEGIN, Operation.UPDATE);
        assertThat(writer.writeAsOne(List.of(versions, List.of(unfit)).iterator(), claims))
                .isInstanceOf(WriteOutcome.Rejected.class);
        assertThat(intervals()).isEmpty();

        assertThat(writer.writeAsOne(
                        List.of(versions.subList(0, 30), versions.subList(30, versions.size()))
                                .iterator(),
                        claims))
                .isEqualTo(WriteOutcome.applied());
        assertRight(versions);
        assertTimesArePrefixes(versions);
    }

    @Test
    void a_version_that_does_not_fit_holds_back_the_batch_even_if_a_newer_one_fits() throws SQLException {
        Document unfit = document(1, new Version(3, 0), "\"much too long\"", BEGIN, Operation.UPDATE);
        List<Document> batch = List.of(
                set(1, new Version(2, 0), BEGIN),
                unfit,
                set(1, new Version(3, 1), BEGIN),
                set(2, new Version(4, 0), BEGIN));

        List<WriteOutcome> outcomes = writer.write(batch, List.of(claim(4)));

        assertThat(outcomes.get(1).toString()).contains("too long");
        assertThat(outcomes)
                .filteredOn(WriteOutcome.Retriable.class::isInstance)
                .hasSize(3);
        assertThat(intervals()).isEmpty();
        assertThat(current()).isEmpty();
    }

    @Test
    void a_filling_that_did_not_come_to_its_end_begins_anew_and_what_was_claimed_stays() throws SQLException {
        writer.write(List.of(set(1, new Version(3, 0), BEGIN), truncate(new Version(4, 0), BEGIN)), List.of());
        writer = reopened();
        assertThat(intervals()).isEmpty();

        writer.write(List.of(set(1, new Version(2, 0), BEGIN)), List.of(claim(4)));
        writer = reopened();
        assertThat(intervals()).containsExactly("2.0-null.null c");
    }

    @Test
    void the_warehouse_says_from_where_on_the_history_is_whole() throws SQLException {
        writer.write(
                List.of(
                        set(1, new Version(3, 0), BEGIN.plusMillis(7)),
                        set(2, new Version(4, 0), BEGIN.plusMillis(5)),
                        set(2, new Version(6, 0), BEGIN.plusMillis(9))),
                List.of());
        writer.wholeFrom(5, BEGIN.plusMillis(7));
        writer.write(List.of(), List.of(claim(6)));

        String said = "select whole_from || ' ' || extract(milliseconds from whole_from_time)::int || ' ' || position"
                + " || ' ' || extract(milliseconds from committed)::int from " + schema + "._tidemark_history";
        assertThat(query(said)).containsExactly("5 7 6 9");
        writer.write(List.of(set(2, new Version(8, 0), BEGIN)), List.of());
        assertThat(query(said)).as("the newest goes on").containsExactly("5 7 8 9");
        SqlMirrorWriter newer = reopened();
        assertThatThrownBy(() -> writer.wholeFrom(7, BEGIN))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED));
        newer.wholeFrom(7, BEGIN.plusMillis(9));
        assertThat(query(said)).containsExactly("7 9 8 9");
    }

    @Test
    void a_column_that_is_new_is_added_to_the_history_and_a_name_that_is_taken_is_refused() throws SQLException {
        writer.write(List.of(), List.of(claim(1)));
        execute("alter table " + schema + ".accounts_history drop column n");
        writer = reopened();
        writer.write(List.of(set(1, new Version(2, 0), BEGIN)), List.of());
        assertThat(query("select n from %s")).containsExactly("v2.0");

        Relation taken = new Relation(
                TableId.parse("public.accounts_history"), RELATION.columns(), RELATION.primaryKey(), List.of(), 1);
        assertThatThrownBy(() -> new SqlMirrorWriter(
                        settings, new SqlMirror(schema, List.of(RELATION, taken), true), GENERATION, 1))
                .hasMessageContaining("The history of public.accounts would be in table 'accounts_history'");
        execute("drop table " + schema + ".accounts_history");
        assertThatThrownBy(this::reopened).hasMessageContaining("will not be sent again");
    }

    @Test
    void as_of_for_a_key_and_for_the_recent_past_is_read_by_an_index() throws SQLException {
        List<Document> versions = new ArrayList<>();
        for (int position = 1; position <= 3_000; position++) {
            versions.add(set(position % 10, new Version(position, 0), BEGIN.plusMillis(position)));
        }
        writer.write(versions, List.of());
        execute("analyze " + schema + ".accounts_history");
        String asOf = " _tidemark_from <= 2990 and (_tidemark_to > 2990 or _tidemark_to is null)";
        String time = "'" + BEGIN.plusMillis(2_990) + "'::timestamptz";
        for (String where : List.of(
                "i = 'k1' and h = 1 and" + asOf,
                asOf,
                "_tidemark_valid_from <= " + time + " and (_tidemark_valid_to > " + time
                        + " or _tidemark_valid_to is null)")) {
            assertThat(query("explain select * from %s where " + where))
                    .as(where)
                    .anyMatch(line -> line.contains("Index"));
        }
    }

    private static Document set(int id, Version version, Instant committed) {
        return set(id, version, committed, Operation.CREATE);
    }

    private static Document set(int id, Version version, Instant committed, Operation operation) {
        return document(id, version, "\"v" + version + "\"", committed, operation);
    }

    private static Document document(int id, Version version, String n, Instant committed, Operation operation) {
        ObjectNode body = Json.parseObject("{\"i\": \"k" + id + "\", \"h\": " + id + ", \"n\": " + n
                + ", \"position\": " + version.order() + ".50}");
        return new Document(COLLECTION, RELATION.keyOf(body), version, body)
                .from(new Document.Origin(operation, committed));
    }

    private static Document delete(int id, Version version, Instant committed) {
        RowKey key = new RowKey("{\"i\":\"k" + id + "\",\"h\":" + id + "}");
        return new Document(COLLECTION, key, version, null).from(new Document.Origin(Operation.DELETE, committed));
    }

    private static Document truncate(Version version, Instant committed) {
        return new Document(COLLECTION, RowKey.TRUNCATE, version, null)
                .from(new Document.Origin(Operation.TRUNCATE, committed));
    }

    private static AppliedTidemark claim(long number) {
        return new AppliedTidemark(0, new TidemarkRef(number, new Lsn(number * 100)));
    }

    private Map<String, String> asOf(Version version) throws SQLException {
        String at = "(" + version.position() + ", " + version.order() + ")";
        return asOf("(_tidemark_from, _tidemark_from_order) <= " + at + " and (_tidemark_to is null or (_tidemark_to,"
                + " _tidemark_to_order) > " + at + ")");
    }

    private Map<String, String> asOf(String predicate) throws SQLException {
        return rows("accounts_history where " + predicate);
    }

    private Map<String, String> current() throws SQLException {
        return rows("accounts");
    }

    /** Canonical JSON by key; two rows of one key fail. */
    private Map<String, String> rows(String from) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        for (String text : query("select jsonb_build_object('i', i, 'h', h, 'n', n, 'position', position) from "
                + schema + "." + from)) {
            ObjectNode row = Json.parseObject(text);
            assertThat(rows.put(RELATION.keyOf(row).json(), Json.canonical(row)))
                    .as("second row of %s", row)
                    .isNull();
        }
        return rows;
    }

    private List<String> intervals() throws SQLException {
        return query("select _tidemark_from || '.' || _tidemark_from_order || '-' || coalesce(_tidemark_to::text,"
                + " 'null') || '.' || coalesce(_tidemark_to_order::text, 'null') || ' ' || _tidemark_operation from %s"
                + " order by _tidemark_from, _tidemark_from_order");
    }

    /** The first column; {@code %s} is the history. */
    private List<String> query(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql.replace("%s", schema + ".accounts_history"))) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
