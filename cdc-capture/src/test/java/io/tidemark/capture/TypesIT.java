package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.TypeSamples.Sample;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Secret;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The row JSON of every type against the server's own {@code to_jsonb}, compared by the server. */
class TypesIT {

    private static final int ROWS = Integer.getInteger("tidemark.types.rows", 30);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Types of the server that take no value from anybody: statistics, parse trees, keys of an index. */
    private static final Set<String> WITHOUT_VALUES = Set.of(
            "gtsvector",
            "gtsvector[]",
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_ndistinct",
            "pg_node_tree");

    private static final String SERVER_TYPES = """
            SELECT t.oid::regtype::text FROM pg_type t
            WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'd', 'e', 'r', 'm')
              AND NOT EXISTS (SELECT FROM pg_type p WHERE p.oid = t.typelem AND p.typtype IN ('p', 'c'))
            """;

    private static final String COLUMN_TYPES = """
            SELECT a.atttypid::regtype::text FROM pg_attribute a
            WHERE a.attrelid = ANY (?::regclass[]) AND a.attnum > 0 AND NOT a.attisdropped
            """;

    private static final String DIFFERENCES = """
            SELECT key, expected.value::text, captured.value::text
            FROM jsonb_each(?::jsonb) expected FULL JOIN jsonb_each(?::jsonb -> ?) captured USING (key)
            WHERE expected.value::text IS DISTINCT FROM captured.value::text
            """;

    private final long seed = Long.getLong("tidemark.types.seed", System.nanoTime());
    private final TypeSamples samples = new TypeSamples(seed);
    private final int number = NUMBER.incrementAndGet();
    private final String url = SharedStack.freshDatabase();
    private final Topics topics = new Topics("types" + number);
    private final CapturedTopics captured =
            new CapturedTopics(SharedStack.kafka().bootstrapServers(), topics);
    private CaptureRunner runner;
    private Connection source;

    @BeforeEach
    void connect() throws SQLException {
        source = DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
        execute("SET TimeZone = 'UTC'");
        execute(
                "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (); CREATE TABLE \"odd \\ \"\"name\"\", {x}\" (a int)");
        System.out.println("tidemark.types.seed = " + seed + ", tidemark.types.rows = " + ROWS);
    }

    @AfterEach
    void stop() throws SQLException {
        if (runner != null) {
            runner.close();
        }
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'types_"
                + number + "' AND NOT active");
        source.close();
    }

    /** A table of one column per sample. */
    private record SampleTable(TableId id, Map<String, Sample> columns, String more) {

        /** Generated columns are in no path; their table cannot have full replica identity. */
        static SampleTable withGeneratedColumns(String name, Map<String, Sample> byType) {
            return of(
                    name,
                    byType,
                    ", stored bigint GENERATED ALWAYS AS (id + 1) STORED, computed bigint GENERATED ALWAYS AS (id + 2))");
        }

        static SampleTable withWholeOldRows(String name, Map<String, Sample> byType) {
            return of(name, byType, "); ALTER TABLE " + SqlIdentifiers.quote(name) + " REPLICA IDENTITY FULL");
        }

        private static SampleTable of(String name, Map<String, Sample> byType, String more) {
            Map<String, Sample> columns = new LinkedHashMap<>();
            byType.forEach((type, sample) -> columns.put("\"a " + type.replace("\"", "") + "\" " + type, sample));
            return new SampleTable(new TableId("public", name), columns, more);
        }

        String creation() {
            return "CREATE TABLE " + id.quoted() + " (id bigint PRIMARY KEY, " + String.join(", ", columns.keySet())
                    + more;
        }

        String names() {
            return "id, "
                    + columns.keySet().stream()
                            .map(column -> column.substring(0, column.indexOf('"', 1) + 1))
                            .collect(Collectors.joining(", "));
        }

        String values(long row) {
            return "(" + row + ", "
                    + columns.values().stream()
                            .map(Sample::get)
                            .map(text -> text == null ? "NULL" : SqlIdentifiers.literal(text))
                            .collect(Collectors.joining(", "))
                    + ")";
        }
    }

    @Test
    void every_type_of_the_server_reads_as_the_server_prints_it_in_the_snapshot_and_in_the_stream() throws Exception {
        assertAllPathsAgree(builtInTables());
    }

    private List<SampleTable> builtInTables() {
        Map<String, Sample> builtIn = samples.builtIn();
        Map<String, Sample> arrays = new LinkedHashMap<>();
        builtIn.forEach(
                (type, sample) -> arrays.put(type + "[]", samples.arrayOf(sample, type.equals("box") ? ';' : ',')));
        return List.of(
                SampleTable.withGeneratedColumns("scalars", builtIn), SampleTable.withWholeOldRows("arrays", arrays));
    }

    @Test
    void every_type_of_the_server_is_compared_above_or_refused_by_the_check() throws Exception {
        List<SampleTable> tables = builtInTables();
        for (SampleTable table : tables) {
            execute(table.creation());
        }
        execute("CREATE TABLE without_values (id int PRIMARY KEY, "
                + WITHOUT_VALUES.stream()
                        .map(type -> "\"a " + type + "\" " + type)
                        .collect(Collectors.joining(", "))
                + ")");

        List<String> problems = problems("scalars", "arrays", "without_values");

        Set<String> refused = new TreeSet<>();
        for (String type : column(COLUMN_TYPES, "{without_values}")) {
            if (!type.equals("integer")) {
                refused.add(type);
                assertThat(problems).anySatisfy(problem -> assertThat(problem)
                        .contains("public.without_values has type " + type + ","));
            }
        }
        assertThat(problems).hasSameSizeAs(refused);
        Set<String> known = new TreeSet<>(column(COLUMN_TYPES, "{scalars,arrays}"));
        assertThat(known).doesNotContainAnyElementsOf(refused);
        known.addAll(refused);
        assertThat(known).containsAll(column(SERVER_TYPES));
    }

    @Test
    void types_made_from_others_read_as_the_server_prints_them() throws Exception {
        execute("""
                CREATE TYPE mood AS ENUM ('glad', 'sad "quoted" \\ slashed', '', 'NULL', 'a,b', '{x}', '(y)');
                CREATE DOMAIN amount AS numeric(20,3);
                CREATE DOMAIN smaller AS amount;
                CREATE DOMAIN moods AS mood[];
                CREATE DOMAIN at AS timestamptz;
                CREATE DOMAIN boxed AS box;
                CREATE TYPE inner_row AS (n amount, "B ""q"" \\ {,}" text, dropped int, at at, tree json);
                CREATE DOMAIN inner_domain AS inner_row;
                CREATE TYPE outer_row AS (one inner_row, many inner_domain[], m moods, yes bool, r numrange);
                CREATE TYPE single AS (sole text);
                CREATE TYPE nothing AS ();
                CREATE TYPE textrange AS RANGE (subtype = text, multirange_type_name = textmultirange);
                CREATE TYPE sorted AS (n amount, t text, at at);
                CREATE TYPE rowrange AS RANGE (subtype = sorted);
                CREATE TABLE used_as_type (a int, gone int, b text, c bigint GENERATED ALWAYS AS (a) STORED);
                ALTER TABLE used_as_type DROP COLUMN gone;
                """);
        execute("ALTER TYPE inner_row DROP ATTRIBUTE dropped");
        Sample numeric = samples.nullable(samples.of("1.10", "0", "-12345678901234567.891", "NaN"));
        Sample text = samples.nullable(samples.text());
        Sample mood =
                samples.nullable(samples.of("glad", "sad \"quoted\" \\ slashed", "", "NULL", "a,b", "{x}", "(y)"));
        Sample at = samples.builtIn().get("timestamptz");
        Sample json = samples.nullable(samples.of("{\"a\": \"(\\\"x\\\")\"}", "1.10", "\"NULL\"", "null", "[1e2]"));
        Sample inner = samples.rowOf(numeric, text, at, json);
        Sample moods = samples.arrayOf(mood, ',');
        Sample outer = samples.rowOf(
                inner,
                samples.arrayOf(inner, ','),
                moods,
                samples.builtIn().get("bool"),
                samples.of("[1.10,2)", "empty"));
        Map<String, Sample> made = new LinkedHashMap<>();
        made.put("mood", mood);
        made.put("mood[]", moods);
        made.put("moods", moods);
        made.put("moods[]", samples.arrayOf(moods, ','));
        made.put("amount", numeric);
        made.put("smaller[]", samples.arrayOf(numeric, ','));
        made.put("at[]", samples.arrayOf(at, ','));
        made.put("boxed[]", samples.arrayOf(samples.builtIn().get("box"), ';'));
        made.put("numeric(12,4)", samples.nullable(samples.of("1.1", "-0.00005", "12345678")));
        made.put("char(7)", samples.of("", "a", "a b  ", "1234567"));
        made.put("timestamptz(2)", at);
        made.put("inner_row", inner);
        made.put("inner_domain", inner);
        made.put("inner_row[]", samples.arrayOf(inner, ','));
        made.put("outer_row", outer);
        made.put("outer_row[]", samples.arrayOf(outer, ','));
        made.put("single", samples.rowOf(text));
        made.put("single[]", samples.arrayOf(samples.rowOf(text), ','));
        made.put("nothing", samples.of("()"));
        made.put("textrange", samples.rangeOf(text));
        made.put("textrange[]", samples.arrayOf(samples.rangeOf(text), ','));
        made.put("textmultirange", samples.of("{}", "{[\"a,\\\"b\",c)}", "{(,)}"));
        made.put("rowrange", samples.rangeOf(samples.rowOf(samples.of("1.10"), text, at)));
        made.put("used_as_type", samples.rowOf(samples.of("1", "-7"), text, samples.of("3")));
        assertAllPathsAgree(List.of(SampleTable.withWholeOldRows("made", made)));
    }

    @Test
    void types_of_extensions_read_as_the_server_prints_them() throws Exception {
        Map<String, Map<String, Sample>> byExtension = new TreeMap<>();
        byExtension.put("hstore", Map.of("extended.hstore", samples.hstore()));
        byExtension.put("citext", Map.of("extended.citext", samples.nullable(samples.text())));
        Map<String, Sample> ltree = new TreeMap<>();
        ltree.put("extended.ltree", samples.of("", "a.b_1.C"));
        ltree.put("extended.lquery", samples.of("*.a@.!b.*{1,3}.c|d*", "a"));
        ltree.put("extended.ltxtquery", samples.of("a & !b@* | (c)", "d%"));
        byExtension.put("ltree", ltree);
        List<String> shipped = column("SELECT name FROM pg_available_extensions");
        Map<String, Sample> columns = new LinkedHashMap<>();
        execute("CREATE SCHEMA extended");
        for (String extension : byExtension.keySet()) {
            if (shipped.contains(extension)) {
                execute("CREATE EXTENSION " + extension + " SCHEMA extended");
                byExtension.get(extension).forEach((type, sample) -> {
                    columns.put(type, sample);
                    columns.put(type + "[]", samples.arrayOf(sample, ','));
                });
            }
        }
        assertAllPathsAgree(List.of(SampleTable.withWholeOldRows("extension_types", columns)));

        List<String> missing = byExtension.keySet().stream()
                .filter(extension -> !shipped.contains(extension))
                .toList();
        assumeTrue(missing.isEmpty(), "Not compared, for this PostgreSQL does not ship them: " + missing);
    }

    @Test
    void a_type_that_prints_itself_by_a_function_is_refused_wherever_it_stands() throws Exception {
        execute("""
                CREATE TYPE mood AS ENUM ('glad');
                CREATE FUNCTION mood_json(mood) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT '{"mood": 1}'::json $$;
                CREATE CAST (mood AS json) WITH FUNCTION mood_json(mood);
                CREATE DOMAIN moody AS mood;
                CREATE TYPE pair AS (a int, m moody);
                CREATE TABLE faces (id int PRIMARY KEY, plain mood, d moody, many mood[], two pair, fine mood GENERATED
                    ALWAYS AS ('glad') STORED);
                """);

        assertThat(problems("faces"))
                .filteredOn(problem -> problem.startsWith("Column "))
                .hasSize(4)
                .allSatisfy(problem -> assertThat(problem)
                        .contains("of public.faces has type ")
                        .contains("type mood has a cast to json"))
                .anySatisfy(problem -> assertThat(problem).contains("Column 'two' of public.faces has type pair,"));
    }

    @Test
    void enums_that_the_engine_cannot_start_with_are_refused_by_name() throws Exception {
        execute("""
                CREATE TYPE nothing AS ENUM ();
                CREATE TYPE mood AS ENUM ('glad');
                CREATE DOMAIN elsewhere.moody AS mood;
                CREATE TABLE fine (id int PRIMARY KEY, m mood);
                """);

        assertThat(problems("fine"))
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).contains("elsewhere.moody is a domain over an enum"))
                .anySatisfy(problem -> assertThat(problem)
                        .contains("nothing is an enum without labels", "ALTER TYPE nothing ADD VALUE"));
    }

    @Test
    void a_database_whose_text_may_be_anything_is_refused() throws Exception {
        String name = "anything_" + number;
        execute("CREATE DATABASE " + name + " ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");

        assertThat(problems(settingsOf(SharedStack.postgres().jdbcUrl(name), "fine")))
                .anySatisfy(problem -> assertThat(problem).contains("SQL_ASCII", "ENCODING 'UTF8'"));
    }

    @Test
    void whole_old_rows_with_generated_columns_are_refused_before_updates_of_the_table_fail() throws Exception {
        execute("""
                CREATE TABLE fine (id int PRIMARY KEY, doubled int GENERATED ALWAYS AS (id * 2) STORED);
                CREATE TABLE halting (id int PRIMARY KEY, doubled int GENERATED ALWAYS AS (id * 2));
                ALTER TABLE halting REPLICA IDENTITY FULL;
                """);

        assertThat(problems("fine", "halting"))
                .singleElement()
                .asString()
                .contains("public.halting", "REPLICA IDENTITY DEFAULT");
    }

    @Test
    void json_that_the_server_cannot_print_stops_the_snapshot_and_names_the_table() throws Exception {
        execute("CREATE TABLE loose (id int PRIMARY KEY, j json); INSERT INTO loose VALUES (1, '\"\\u0000\"')");

        assertThatThrownBy(() -> start("loose"))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_CAPTURABLE))
                .hasMessageContaining("public.loose")
                .hasMessageContaining("\\u0000");
    }

    @Test
    void a_composite_type_altered_while_it_is_captured_stops_the_stream() throws Exception {
        execute("CREATE TYPE pair AS (a int, b int)");
        execute("CREATE TABLE pairs (id serial PRIMARY KEY, p pair[])");
        execute("INSERT INTO pairs (p) VALUES ('{\"(1,2)\"}')");
        start("pairs");
        execute("INSERT INTO pairs (p) VALUES ('{\"(1,2)\"}')");
        captured.awaitTidemark(token());
        execute("ALTER TYPE pair RENAME ATTRIBUTE a TO c");

        Awaitility.await("capture stops").atMost(Duration.ofSeconds(30)).until(() -> {
            execute("INSERT INTO pairs (p) VALUES ('{\"(1,2)\"}')");
            return runner.ended().isDone();
        });
        assertStopped("of column 'p' of public.pairs was altered");
    }

    @Test
    void a_composite_type_altered_while_capture_was_away_stops_the_stream() throws Exception {
        execute("CREATE TYPE pair AS (a int, b int)");
        execute("CREATE TABLE pairs (id serial PRIMARY KEY, p pair)");
        start("pairs");
        captured.awaitTidemark(token());
        runner.close();
        execute("INSERT INTO pairs (p) VALUES ('(1,2)')");
        execute("ALTER TYPE pair DROP ATTRIBUTE a");
        execute("ALTER TYPE pair ADD ATTRIBUTE a int");

        launch("pairs");

        assertStopped("of column 'p' of public.pairs was altered");
        assertThat(captured.changes(new TableId("public", "pairs"))).isEmpty();
    }

    @Test
    void a_composite_type_altered_while_capture_was_away_stops_it_though_no_row_comes() throws Exception {
        execute("CREATE TABLE inner_rows (a int)");
        execute("CREATE TYPE pair AS (a int, b inner_rows[])");
        execute("CREATE DOMAIN pair_domain AS pair");
        execute("CREATE TABLE pairs (id serial PRIMARY KEY, p pair_domain)");
        execute("INSERT INTO pairs (p) VALUES ('(1,\"{(1)}\")')");
        start("pairs");
        runner.close();
        execute("ALTER TABLE inner_rows ADD COLUMN b int");

        launch("pairs");

        assertStopped("of column 'p' of public.pairs was altered");
    }

    @Test
    void a_table_whose_rows_are_values_may_be_altered_in_what_they_do_not_show() throws Exception {
        execute("CREATE TABLE inner_rows (a int)");
        execute("CREATE TABLE pairs (id serial PRIMARY KEY, p inner_rows)");
        start("pairs");
        execute("INSERT INTO pairs (p) VALUES ('(1)')");
        execute("ALTER TABLE inner_rows ALTER COLUMN a SET STATISTICS 7");
        execute("ALTER TABLE inner_rows ALTER COLUMN a SET NOT NULL");
        captured.awaitTidemark(token());
        runner.close();
        execute("ALTER TABLE inner_rows ADD PRIMARY KEY (a)");
        start("pairs");
        execute("INSERT INTO pairs (p) VALUES ('(2)')");
        captured.awaitTidemark(token());

        assertThat(captured.changes(new TableId("public", "pairs"))).hasSize(2);
    }

    @Test
    void json_that_the_server_cannot_print_stops_the_stream_and_names_the_column() throws Exception {
        execute("CREATE TABLE loose (id int PRIMARY KEY, j json)");
        start("loose");
        execute("INSERT INTO loose VALUES (1, '{\"a\": 1e200000, \"a\": 1}')");

        assertStopped("Column 'j' of public.loose: a json value holds ");
        assertThat(captured.changes(new TableId("public", "loose"))).isEmpty();
    }

    private void assertStopped(String reason) {
        assertThatThrownBy(() -> runner.ended().orTimeout(30, TimeUnit.SECONDS).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_CAPTURABLE))
                .hasMessageContaining(reason);
    }

    /** Rows there before, rows inserted and all of them updated: each record says what the server says of the row then. */
    private void assertAllPathsAgree(List<SampleTable> tables) throws Exception {
        for (SampleTable table : tables) {
            execute(table.creation());
            insert(table, 0);
        }
        start(tables.stream().map(table -> table.id().name()).toArray(String[]::new));
        Map<TableId, Map<Long, String>> before = new HashMap<>();
        for (SampleTable table : tables) {
            insert(table, ROWS);
            before.put(table.id(), expected(table));
            update(table);
        }
        captured.awaitTidemark(token());
        for (SampleTable table : tables) {
            assertRecordsSay(table, before.getOrDefault(table.id(), Map.of()), expected(table));
        }
    }

    private void insert(SampleTable table, int from) throws SQLException {
        for (int row = from; row < from + ROWS; row++) {
            execute("INSERT INTO " + table.id().quoted() + " (" + table.names() + ") VALUES " + table.values(row));
        }
    }

    private void update(SampleTable table) throws SQLException {
        for (int row = 0; row < 2 * ROWS; row++) {
            execute("UPDATE " + table.id().quoted() + " SET (" + table.names() + ") = ROW " + table.values(row)
                    + " WHERE id = " + row);
        }
    }

    private Map<Long, String> expected(SampleTable table) throws SQLException {
        Map<Long, String> rows = new HashMap<>();
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, (to_jsonb(t) - 'stored' - 'computed')::text FROM "
                        + table.id().quoted() + " t")) {
            while (row.next()) {
                rows.put(row.getLong(1), row.getString(2));
            }
        }
        return rows;
    }

    private void assertRecordsSay(SampleTable table, Map<Long, String> before, Map<Long, String> after)
            throws SQLException {
        Map<String, Integer> seen = new HashMap<>();
        List<String> differences = new ArrayList<>();
        try (PreparedStatement statement = source.prepareStatement(DIFFERENCES)) {
            for (ConsumerRecord<byte[], byte[]> record : captured.read(topics.changes(table.id()))) {
                ObjectNode envelope = Json.parseObject(record.value());
                String json = new String(record.value(), StandardCharsets.UTF_8);
                String operation = envelope.get("op").textValue();
                long id = envelope.get("after").get("id").longValue();
                String what = table.id() + " " + operation + " " + id + " ";
                seen.merge(operation, 1, Integer::sum);
                String expected = (operation.equals("u") ? after : before).get(id);
                differences.addAll(differences(statement, what, expected, json, "after"));
                if (!envelope.get("before").isNull()) {
                    differences.addAll(differences(statement, what, before.get(id), json, "before"));
                }
            }
        }
        assertThat(differences)
                .as("differences with -Dtidemark.types.seed=%s", seed)
                .isEmpty();
        assertThat(seen).isEqualTo(Map.of("r", ROWS, "c", ROWS, "u", 2 * ROWS));
    }

    private static List<String> differences(
            PreparedStatement statement, String what, String expected, String envelope, String field)
            throws SQLException {
        statement.setString(1, expected);
        statement.setString(2, envelope);
        statement.setString(3, field);
        List<String> differences = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                differences.add(what + field + " column '" + row.getString(1) + "': expected "
                        + shortened(row.getString(2)) + ", captured " + shortened(row.getString(3)));
            }
        }
        return differences;
    }

    private static String shortened(String text) {
        return text != null && text.length() > 500 ? text.substring(0, 500) + "…" : text;
    }

    private CaptureSettings settings(String... tables) {
        return settingsOf(url, tables);
    }

    private CaptureSettings settingsOf(String database, String... tables) {
        return new CaptureSettings(
                new CaptureSettings.Source(
                        database,
                        SharedStack.postgres().superuser(),
                        new Secret(SharedStack.postgres().password())),
                List.of(tables).stream()
                        .map(name -> new TableId("public", name))
                        .toList(),
                "types_" + number,
                "types_" + number,
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()),
                topics,
                3,
                Duration.ofDays(7));
    }

    private void start(String... tables) throws InterruptedException {
        launch(tables);
        runner.awaitCovered();
    }

    private void launch(String... tables) {
        runner = new CaptureRunner(settings(tables), SnapshotProgress.NONE);
        runner.start();
    }

    private Lsn token() throws SQLException {
        return Lsn.parse(column("SELECT pg_current_wal_insert_lsn()::text").get(0));
    }

    private List<String> column(String sql, String... parameters) throws SQLException {
        List<String> values = new ArrayList<>();
        try (PreparedStatement statement = source.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    values.add(row.getString(1));
                }
            }
        }
        return values;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> problems(String... tables) {
        return problems(settings(tables));
    }

    private static List<String> problems(CaptureSettings settings) {
        return SourceDoctor.errors(settings, settings.tables()::contains).stream()
                .map(Finding::sentence)
                .toList();
    }
}
