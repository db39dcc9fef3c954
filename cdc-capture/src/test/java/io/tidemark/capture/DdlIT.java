package io.tidemark.capture;

import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BinaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tables that are altered while they are captured: followed, or refused in words. */
class DdlIT {

    /** Columns of every table: one of them goes, comes back or changes. */
    private static final String COLUMNS = "(id serial PRIMARY KEY, note varchar(10) DEFAULT 'n', amount numeric(10,2)"
            + " DEFAULT 1.50, small int DEFAULT 7, feeling mood DEFAULT 'glad')";

    private static final String ALL =
            "id integer, note character varying(10), amount numeric(10,2), small integer, feeling mood";

    /** More rows than are touched, one by one, while a snapshot is taken and its first rows are written. */
    private static final int TOUCHED = 5_000;

    private CapturedSource source;

    @BeforeEach
    void create() throws Exception {
        source = new CapturedSource();
        source.execute("CREATE TYPE mood AS ENUM ('glad', 'sad')");
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    /**
     * An alteration.
     *
     * @param ddl with {@code %s} for the table
     * @param rowsChanged whether rows that nobody touched print otherwise after it
     * @param columns as the relations topic has them then
     */
    private record Alteration(String ddl, boolean rowsChanged, String columns) {}

    private static final List<Alteration> ALTERATIONS = List.of(
            new Alteration("ALTER TABLE %s ADD COLUMN more text", false, ALL + ", more text"),
            new Alteration("ALTER TABLE %s ADD COLUMN more int DEFAULT 5", true, ALL + ", more integer"),
            new Alteration(
                    "ALTER TABLE %s ADD COLUMN more uuid NOT NULL DEFAULT gen_random_uuid();"
                            + " ALTER TABLE %<s ALTER COLUMN more SET DEFAULT gen_random_uuid()",
                    true, ALL + ", more uuid"),
            new Alteration("ALTER TABLE %s ADD COLUMN more int GENERATED ALWAYS AS (id * 2) STORED", false, ALL),
            new Alteration("ALTER TABLE %s DROP COLUMN amount", false, ALL.replace(", amount numeric(10,2)", "")),
            new Alteration("ALTER TABLE %s RENAME COLUMN note TO remark", true, ALL.replace("note", "remark")),
            new Alteration("ALTER TABLE %s DROP COLUMN feeling; ALTER TABLE %<s ADD COLUMN feeling mood", true, ALL),
            new Alteration(
                    "ALTER TABLE %s ALTER COLUMN note TYPE text", false, ALL.replace("character varying(10)", "text")),
            new Alteration(
                    "ALTER TABLE %s ALTER COLUMN small TYPE text", true, ALL.replace("small integer", "small text")),
            new Alteration(
                    "ALTER TABLE %s ALTER COLUMN amount TYPE numeric(12,2)", false, ALL.replace("(10,2)", "(12,2)")),
            new Alteration(
                    "ALTER TABLE %s ALTER COLUMN amount TYPE numeric(12,3)", true, ALL.replace("(10,2)", "(12,3)")),
            new Alteration("ALTER TABLE %s ALTER COLUMN small SET NOT NULL", false, ALL),
            new Alteration("ALTER TABLE %s ALTER COLUMN note SET DEFAULT 'other'", false, ALL));

    @Test
    void columns_come_go_and_change_while_rows_go_on_and_it_is_known_which_rows_read_otherwise_then() throws Exception {
        List<String> tables = new ArrayList<>();
        for (int i = 0; i < ALTERATIONS.size(); i++) {
            tables.add("t" + i);
            source.execute("CREATE TABLE t" + i + COLUMNS, "INSERT INTO t" + i + " VALUES (DEFAULT), (DEFAULT)");
        }
        source.capture(tables.toArray(String[]::new));
        for (int i = 0; i < ALTERATIONS.size(); i++) {
            source.execute("INSERT INTO t" + i + " DEFAULT VALUES");
            source.execute(ALTERATIONS.get(i).ddl().formatted("t" + i));
            source.execute("INSERT INTO t" + i + " DEFAULT VALUES", "DELETE FROM t" + i + " WHERE id = 2");
        }
        source.await();
        for (int i = 0; i < ALTERATIONS.size(); i++) {
            assertFollowed("t" + i, ALTERATIONS.get(i));
            source.execute("UPDATE t" + i + " SET id = id");
        }
        source.await();
        source.assertCaptured();
    }

    /** Rows that nobody touched have the old value in the topic, under the name that means another column now. */
    @Test
    void a_column_that_was_dropped_and_comes_again_later_has_none_of_its_old_values() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t (note) VALUES ('old'), ('old')");
        source.capture("t");
        source.execute("ALTER TABLE t DROP COLUMN note", "INSERT INTO t DEFAULT VALUES");
        source.await();
        assertThat(source.rowsChanged("t")).isFalse();
        assertThat(source.newestRelation("t").former()).containsExactly("note");

        source.execute("ALTER TABLE t ADD COLUMN other text", "INSERT INTO t DEFAULT VALUES");
        source.await();
        assertThat(source.newestRelation("t").former()).containsExactly("note");
        source.execute("ALTER TABLE t ADD COLUMN note text", "INSERT INTO t DEFAULT VALUES");
        source.await();

        assertThat(source.rowsChanged("t")).isTrue();
        assertThat(source.newestRelation("t").former()).isEmpty();
        assertThat(source.differences(CapturedSource.table("t"))).isEmpty();
        source.assertCaptured();
    }

    /** As long as somebody alters it; longer than its rows wait to be read. */
    @Test
    void a_locked_table_holds_up_no_tidemark_and_its_rows_are_read_once_it_is_free() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t SELECT FROM generate_series(1, 10)");
        source.capture("t");
        Connection alters = source.connect();
        alters.setAutoCommit(false);
        try (alters;
                Statement statement = alters.createStatement()) {
            statement.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
            SnapshotRequests.ask(source.settings().source(), CapturedSource.table("t"));
            for (int second = 0; second < 8; second++) {
                // What the source is at now is a tidemark's soon, though nothing is written.
                source.await();
                statement.execute("SELECT pg_sleep(1)");
            }
            alters.rollback();
        }
        await("rows read again").atMost(Duration.ofSeconds(30)).until(() -> timesRead(1) == 2);
        source.await();
        source.assertCaptured();
    }

    private long timesRead(int id) {
        return source.topics().changes(CapturedSource.table("t")).stream()
                .filter(change -> change.operation().equals("r") && change.key().equals("{\"id\":" + id + "}"))
                .count();
    }

    private void assertFollowed(String table, Alteration alteration) throws Exception {
        String what = alteration.ddl().formatted(table);
        TableId id = CapturedSource.table(table);
        assertThat(String.join(", ", source.columns(table))).as(what).isEqualTo(alteration.columns());
        assertThat(source.rowsChanged(table)).as(what).isEqualTo(alteration.rowsChanged());
        assertThat(source.differences(id)).as(what).isEmpty();
        long readAgain = source.topics().changes(id).stream()
                .filter(change -> change.operation().equals("r"))
                .filter(change -> change.key().equals("{\"id\":1}"))
                .count();
        assertThat(readAgain).as("times row 1 was read: " + what).isEqualTo(alteration.rowsChanged() ? 2 : 1);
        assertThat(source.topics().fold(id)).as(what).hasSize(3);
        assertOrdered(id, alteration, source.newestRelation(table));
    }

    /**
     * A description says with which change it begins, and a tidemark covers the two together. What the catalogue says may be
     * ahead of the row before the alteration.
     */
    private void assertOrdered(TableId id, Alteration alteration, Relation newest) {
        String what = alteration.ddl();
        Version first = created(id, 4);
        Version changed = alteration.rowsChanged() ? newest.from() : new Version(0, 0);
        if (alteration.rowsChanged() || !alteration.columns().equals(ALL)) {
            assertThat(newest.from()).as(what).isIn(created(id, 3), first);
        }
        assertThat(newest.rowsFrom()).as(what).isEqualTo(changed);
        assertThat(source.relationsCoveredBy(first.position()))
                .as("descriptions up to the tidemark of " + what)
                .contains(newest);
    }

    private Version created(TableId table, int key) {
        return source.topics().changes(table).stream()
                .filter(change -> change.operation().equals("c") && change.key().equals("{\"id\":" + key + "}"))
                .findFirst()
                .orElseThrow()
                .version();
    }

    @Test
    void an_integer_that_becomes_a_bigint_prints_the_same_and_is_still_taken_for_rewritten() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t DEFAULT VALUES");
        source.capture("t");
        source.execute("ALTER TABLE t ALTER COLUMN small TYPE bigint", "INSERT INTO t DEFAULT VALUES");
        source.await();

        source.assertCaptured();
        assertThat(source.rowsChanged("t")).as("with USING it might").isTrue();
    }

    @Test
    void several_alterations_in_one_transaction_apply_to_the_rows_between_them() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS);
        source.capture("t");
        source.execute("BEGIN; INSERT INTO t (note) VALUES ('first');"
                + " ALTER TABLE t ADD COLUMN more text; INSERT INTO t (more) VALUES ('second');"
                + " ALTER TABLE t DROP COLUMN note; INSERT INTO t (more) VALUES ('third');"
                + " ALTER TABLE t ALTER COLUMN small TYPE text; UPDATE t SET small = 'x' || small; COMMIT");
        source.await();

        source.assertCaptured();
        assertThat(source.relations("t")).hasSize(4);
        assertThat(source.topics().changes(CapturedSource.table("t")).stream()
                        .sorted(java.util.Comparator.comparing(CapturedTopics.ChangeRecord::version))
                        .limit(3)
                        .map(change -> change.envelope().get("after").toString()))
                .containsExactly(
                        "{\"id\":1,\"note\":\"first\",\"amount\":1.50,\"small\":7,\"feeling\":\"glad\"}",
                        "{\"id\":2,\"note\":\"n\",\"amount\":1.50,\"small\":7,\"feeling\":\"glad\",\"more\":\"second\"}",
                        "{\"id\":3,\"amount\":1.50,\"small\":7,\"feeling\":\"glad\",\"more\":\"third\"}");
    }

    @Test
    void an_alteration_that_is_rolled_back_leaves_no_trace() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS);
        source.capture("t");
        source.execute("INSERT INTO t DEFAULT VALUES");
        source.execute("BEGIN; ALTER TABLE t ADD COLUMN more text; INSERT INTO t (more) VALUES ('x'); ROLLBACK");
        source.execute(
                "BEGIN; SAVEPOINT s; ALTER TABLE t DROP COLUMN note; INSERT INTO t DEFAULT VALUES; ROLLBACK TO s;"
                        + " INSERT INTO t DEFAULT VALUES; COMMIT");
        source.await();

        source.assertCaptured();
        assertThat(source.relations("t")).hasSize(1);
    }

    @Test
    void the_relations_topic_follows_what_was_altered_while_capture_was_away_once() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t DEFAULT VALUES");
        source.capture("t");
        source.await();
        source.stop();
        source.execute(
                "INSERT INTO t DEFAULT VALUES", "ALTER TABLE t ADD COLUMN more text", "INSERT INTO t DEFAULT VALUES");
        source.restart();
        source.await();
        assertThat(source.columns("t")).last().isEqualTo("more text");
        int described = source.relations("t").size();
        source.restart();
        source.execute("INSERT INTO t DEFAULT VALUES");
        source.await();

        source.assertCaptured();
        assertThat(source.relations("t")).as("nothing new").hasSize(described);
        assertThat(source.rowsChanged("t")).isFalse();
    }

    @Test
    void labels_that_come_are_described_and_one_that_is_renamed_is_known_to_change_rows() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t DEFAULT VALUES");
        source.capture("t");
        source.execute("ALTER TYPE mood ADD VALUE 'so-so' BEFORE 'sad'", "INSERT INTO t (feeling) VALUES ('so-so')");
        source.await();
        source.restart();
        source.execute("INSERT INTO t (feeling) VALUES ('so-so')");
        source.await();
        source.assertCaptured();
        assertThat(source.newestRelation("t").column("feeling").orElseThrow().detail())
                .contains("so-so");
        assertThat(source.rowsChanged("t")).isFalse();

        source.execute("ALTER TYPE mood RENAME VALUE 'glad' TO 'happy'");
        source.restart();
        source.execute("INSERT INTO t (feeling) VALUES ('happy')");
        source.await();

        assertThat(source.newestRelation("t").column("feeling").orElseThrow().detail())
                .contains("happy");
        assertThat(source.rowsChanged("t")).isTrue();
    }

    /** Of a type the WAL says nothing: the snapshot that is to read the rows is the first to see it. */
    @Test
    void rows_touched_while_a_snapshot_that_sees_a_renamed_label_is_taken_come_again_as_all_others() throws Throwable {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t SELECT FROM generate_series(1, " + TOUCHED + ")");
        source.capture("t");
        try (Connection writes = source.connect();
                Statement holdsUp = writes.createStatement()) {
            writes.setAutoCommit(false);
            holdsUp.execute("SELECT pg_current_xact_id()");
            source.execute("ALTER TABLE t RENAME COLUMN note TO remark", "INSERT INTO t DEFAULT VALUES");
            await("the new name").until(() -> source.newestRelation("t").version() == 2);
            source.execute("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'");
            touchEachOnce(writes::commit);
        }
        source.await();

        Relation newest = source.newestRelation("t");
        assertThat(newest.column("feeling").orElseThrow().detail()).contains("blue");
        assertThat(newest.rowsFrom()).isEqualTo(newest.from());
        Map<String, Version> versions = new TreeMap<>();
        source.topics()
                .changes(CapturedSource.table("t"))
                .forEach(
                        change -> versions.merge(change.key(), change.version(), BinaryOperator.maxBy(naturalOrder())));
        assertThat(versions).hasSize(TOUCHED + 1).allSatisfy((key, version) -> assertThat(version)
                .isGreaterThanOrEqualTo(newest.rowsFrom()));
        source.assertCaptured();
    }

    /** Row after row, until the label's new name is described. */
    private void touchEachOnce(Executable begun) throws Throwable {
        CompletableFuture<Boolean> described = CompletableFuture.supplyAsync(() -> {
            await("the new label")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> source.newestRelation("t").version() == 3);
            return true;
        });
        for (int id = 1; id <= TOUCHED && !described.isDone(); id++) {
            source.execute("UPDATE t SET small = small + 1 WHERE id = " + id);
            if (id == 100) {
                begun.execute();
            }
        }
        assertThat(described.get()).isTrue();
    }

    /** Mirrors wait for that. */
    @Test
    void after_a_capture_of_a_build_whose_tidemarks_named_no_descriptions_they_do_before_anything_is_altered()
            throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "INSERT INTO t DEFAULT VALUES");
        source.capture("t");
        source.stop();
        forgetDescriptions(source.settings().topics());
        source.restart();
        source.execute("INSERT INTO t DEFAULT VALUES");
        source.await();

        List<Tidemark> full =
                source.topics().tidemarks().stream().filter(Tidemark::full).toList();
        assertThat(full.get(full.size() - 1).offsets())
                .containsKey(source.settings().topics().relations());
        assertThat(source.relations("t")).as("described").hasSize(1);
        source.assertCaptured();
    }

    /** Makes the state that of such a build. */
    private void forgetDescriptions(Topics topics) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> states = source.topics().read(topics.state());
        ConsumerRecord<byte[], byte[]> newest = states.get(states.size() - 1);
        ObjectNode state = Json.parseObject(newest.value());
        assertThat(((ObjectNode) state.required("tidemark").required("offsets")).remove(topics.relations()))
                .isNotNull();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.<String, Object>copyOf(source.settings().kafkaClient()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topics.state(), newest.key(), Json.bytes(state)))
                    .get();
        }
    }

    @Test
    void a_changed_primary_key_stops_capture() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS);
        source.capture("t");
        source.execute("ALTER TABLE t ADD COLUMN more int NOT NULL DEFAULT 1");
        source.execute("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id, more)");
        source.execute("INSERT INTO t DEFAULT VALUES");

        source.assertStops("primary key of public.t", "from [id] to [id, more]", "new kafka.prefix");
        assertThat(source.topics().changes(CapturedSource.table("t"))).isEmpty();
    }

    @Test
    void a_renamed_column_of_the_primary_key_stops_capture() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS);
        source.capture("t");
        source.execute("ALTER TABLE t RENAME COLUMN id TO key", "INSERT INTO t DEFAULT VALUES");

        source.assertStops("primary key of public.t", "from [id] to [key]");
    }

    @Test
    void a_primary_key_of_other_columns_where_whole_rows_are_sent_stops_capture() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "ALTER TABLE t REPLICA IDENTITY FULL");
        source.capture("t");
        source.execute("INSERT INTO t DEFAULT VALUES");
        source.execute("ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id, small)");
        source.execute("INSERT INTO t DEFAULT VALUES");

        source.assertStops("primary key of public.t", "from [id] to [id, small]");
    }

    @Test
    void a_renamed_table_stops_capture_at_its_next_row() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS);
        source.capture("t");
        source.execute("INSERT INTO t DEFAULT VALUES", "ALTER TABLE t RENAME TO u", "INSERT INTO u DEFAULT VALUES");

        source.assertStops("Table public.t was renamed to public.u");
    }

    @Test
    void a_table_that_is_renamed_while_nothing_else_happens_stops_capture() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS);
        source.capture("t");
        source.execute("INSERT INTO t DEFAULT VALUES", "ALTER TABLE t RENAME TO u");

        source.assertStops("Table public.t was renamed to public.u");
    }

    @Test
    void a_table_that_is_dropped_and_made_anew_stops_capture_at_its_next_row() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "CREATE TABLE other" + COLUMNS);
        source.execute("CREATE PUBLICATION " + source.publication() + " FOR ALL TABLES");
        source.capture("t", "other");
        source.execute("INSERT INTO t DEFAULT VALUES");
        source.await();
        source.stop();
        source.execute("DROP TABLE t", "CREATE TABLE t" + COLUMNS, "INSERT INTO t DEFAULT VALUES");
        source.restart();

        source.assertStops("Table public.t was dropped and made anew");
    }

    @Test
    void a_table_that_is_dropped_while_nothing_else_happens_stops_capture() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "CREATE TABLE other" + COLUMNS);
        source.capture("t", "other");
        source.execute("INSERT INTO t DEFAULT VALUES", "DROP TABLE t");

        source.assertStops("Table public.t was dropped or renamed");
    }

    @Test
    void a_table_that_is_taken_out_of_the_publication_stops_capture() throws Exception {
        source.execute("CREATE TABLE t" + COLUMNS, "CREATE TABLE other" + COLUMNS);
        source.capture("t", "other");
        source.execute("ALTER PUBLICATION " + source.publication() + " DROP TABLE other");

        source.assertStops(ErrorCode.DATA_LOSS, "Publication '" + source.publication() + "'", "new kafka.prefix");
    }
}
