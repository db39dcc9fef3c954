package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.Version;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CaptureIT {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final TableId ITEMS = TableId.parse("public.items");
    private static final TableId LINES = TableId.parse("public.lines");

    private final int number = NUMBER.incrementAndGet();
    private final String url = SharedStack.freshDatabase();
    private final Topics topics = new Topics("capture" + number);
    private final CaptureSettings settings = new CaptureSettings(
            new CaptureSettings.Source(
                    url,
                    SharedStack.postgres().superuser(),
                    new Secret(SharedStack.postgres().password())),
            List.of(ITEMS, LINES),
            "slot_" + number,
            "publication_" + number,
            Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()),
            topics,
            3,
            Duration.ofDays(7));
    private final CapturedTopics captured =
            new CapturedTopics(SharedStack.kafka().bootstrapServers(), topics);
    private CaptureRunner runner;
    private Connection source;

    @BeforeEach
    void create() throws SQLException {
        source = DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
        execute("""
                CREATE TYPE mood AS ENUM ('glad', 'sad "quoted" \\ slashed');
                CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
                CREATE TABLE items (
                    id bigint PRIMARY KEY, small smallint, exact numeric, money numeric(12,2), single real,
                    double double precision, yes boolean, words text, code char(5), name varchar(40), day date,
                    at timestamp, instant timestamptz, clock time, span interval, raw bytea, tree jsonb, loose json,
                    uid uuid, numbers int[], texts text[], amounts numeric[][], feeling mood, p positive,
                    doubled bigint GENERATED ALWAYS AS (id * 2) STORED);
                CREATE TABLE lines (item_id bigint, line_no int, note text, PRIMARY KEY (item_id, line_no));
                INSERT INTO items (id, words) VALUES (1, 'before the snapshot');
                INSERT INTO items VALUES (2, -3, 12345678901234567890.1230, 5.00, 1.5, 1e20, true, E'tab\\t nl\\n "q" \\\\ ü€😀',
                    'ab', 'n', '2024-02-29', '2024-01-02 03:04:05.678', '2024-01-02 03:04:05+05', '23:59:59.5',
                    '1 year 2 mons 3 days 04:05:06.7', '\\x00ff5c', '{"b": 1.10, "a": [null, "x"]}', '{"k": 1}',
                    '0e37df36-f698-11e6-8dd4-cb9ced3df976', '{1,NULL,3}', '{"a b",NULL,"q\\"x","NULL",""}', '{{1.10,2},{3,4}}',
                    'sad "quoted" \\ slashed', 1.50);
                """);
    }

    @AfterEach
    void stop() throws SQLException {
        if (runner != null) {
            runner.close();
        }
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                + settings.slot() + "' AND NOT active");
        source.close();
    }

    @Test
    void rows_read_by_the_snapshot_and_by_the_stream_equal_the_sources_own_json() throws Exception {
        start();
        execute(
                "INSERT INTO items SELECT 3, small, exact, money, single, double, yes, words, code, name, day, at, instant,"
                        + " clock, span, raw, tree, loose, uid, numbers, texts, amounts, feeling, p FROM items WHERE id = 2");
        execute("INSERT INTO items (id, exact, single, double, day, at, instant, numbers) VALUES"
                + " (4, 'NaN', 'Infinity', '-Infinity', '0044-03-15 BC', 'infinity', '-infinity', '[2:3]={7,8}'),"
                + " (5, 0.000, 3.4e38, 5e-324, '9999-12-31', '0044-03-15 12:00 BC', '2024-01-01 00:00:00.1+00', '{}')");
        execute("UPDATE items SET words = 'changed', money = 7.10 WHERE id = 1");

        captured.awaitTidemark(token());

        assertThat(differences(ITEMS)).isEmpty();
        assertThat(captured.fold(ITEMS)).hasSize(5);
    }

    @Test
    void a_key_change_is_a_delete_and_a_create_in_one_transaction_and_a_delete_leaves_a_tombstone() throws Exception {
        start();
        execute("INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b')");
        execute("UPDATE lines SET line_no = 3, note = 'moved' WHERE line_no = 2");
        execute("DELETE FROM lines WHERE line_no = 1");

        captured.awaitTidemark(token());

        assertThat(captured.fold(LINES)).containsOnlyKeys("{\"item_id\":1,\"line_no\":3}");
        List<CapturedTopics.ChangeRecord> moved = captured.changes(LINES).stream()
                .filter(change -> change.version().position() == 3)
                .sorted(java.util.Comparator.comparing(CapturedTopics.ChangeRecord::version))
                .toList();
        assertThat(moved).extracting(CapturedTopics.ChangeRecord::operation).containsExactly("d", "c");
        assertThat(moved)
                .extracting(CapturedTopics.ChangeRecord::key)
                .containsExactly("{\"item_id\":1,\"line_no\":2}", "{\"item_id\":1,\"line_no\":3}");
    }

    @Test
    void every_transaction_gets_the_next_position_in_commit_order_and_no_tidemark_covers_half_of_one()
            throws Exception {
        start();
        try (Connection slow = DriverManager.getConnection(
                        url,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            statement.execute("INSERT INTO items (id, words) VALUES (100, 'began first')");
            execute(
                    "BEGIN; INSERT INTO items (id, words) VALUES (101, 'one'); INSERT INTO lines VALUES (101, 1, 'x'); COMMIT");
            statement.execute("INSERT INTO lines VALUES (100, 1, 'committed last')");
            slow.commit();
        }
        execute("BEGIN; INSERT INTO items (id) VALUES (102); ROLLBACK");

        Tidemark newest = captured.awaitTidemark(token());

        assertThat(positionOf("{\"id\":101}")).isEqualTo(2);
        assertThat(positionOf("{\"id\":100}")).isEqualTo(3);
        assertThat(newest.number()).isEqualTo(3);
        assertThat(captured.tidemarks().stream().flatMap(each -> each.transactions().stream()))
                .extracting(Tidemark.Transaction::position)
                .containsExactly(2L, 3L);
        assertThat(captured.tidemarks()).isSortedAccordingTo(java.util.Comparator.comparing(Tidemark::ref));
        assertOffsetsCutExactlyAtEveryTidemark();
    }

    @Test
    void the_tidemark_of_a_transaction_ends_where_the_source_says_so_that_a_token_taken_after_its_commit_covers_it()
            throws Exception {
        start();
        execute("SELECT pg_create_logical_replication_slot('judge', 'pgoutput', true)");
        execute("INSERT INTO items (id) VALUES (7)");
        Lsn token = token();

        captured.awaitTidemark(token);

        Lsn end = endOfTheOnlyTransactionSince("judge");
        assertThat(captured.tidemarks().stream().flatMap(each -> each.transactions().stream()))
                .extracting(Tidemark.Transaction::endLsn)
                .containsExactly(end);
        assertThat(end).isLessThanOrEqualTo(token);
    }

    /**
     * PostgreSQL's own account, decoded apart from the capture. The token may be further: the server writes WAL of its
     * own accord between a commit and the question where the WAL ends.
     */
    private Lsn endOfTheOnlyTransactionSince(String slot) throws SQLException {
        String end =
                query("SELECT encode(substring(data FROM 11 FOR 8), 'hex') FROM pg_logical_slot_get_binary_changes('"
                        + slot + "', NULL, NULL, 'proto_version', '1', 'publication_names', '" + settings.publication()
                        + "') WHERE get_byte(data, 0) = ascii('C')");
        return Lsn.parse(end.substring(0, 8) + "/" + end.substring(8));
    }

    @Test
    void tidemarks_move_while_the_source_is_idle_and_so_does_the_slot() throws Exception {
        start();
        execute("CREATE TABLE elsewhere (id int)");
        execute("INSERT INTO elsewhere SELECT generate_series(1, 1000)");
        Lsn token = token();

        Tidemark idle = captured.awaitTidemark(token);

        assertThat(idle.number()).isEqualTo(1);
        Awaitility.await("the slot moves").atMost(Duration.ofSeconds(15)).until(() -> !confirmed()
                .isBefore(token));
    }

    @Test
    void a_capture_that_starts_again_goes_on_where_it_stopped_with_nothing_twice() throws Exception {
        start();
        execute("INSERT INTO items (id) SELECT generate_series(10, 500)");
        captured.awaitTidemark(token());
        runner.close();
        execute("INSERT INTO items (id) SELECT generate_series(501, 900)");
        execute("UPDATE items SET small = 1 WHERE id < 50");
        start();
        execute("DELETE FROM items WHERE id = 10");

        captured.awaitTidemark(token());

        assertEveryVersionOnce();
        assertThat(differences(ITEMS)).isEmpty();
    }

    @Test
    void a_slot_that_is_gone_while_its_topics_are_not_stops_capture_and_says_what_is_lost() throws Exception {
        start();
        captured.awaitTidemark(token());
        runner.close();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> execute("SELECT pg_drop_replication_slot('" + settings.slot() + "')"));

        assertThatThrownBy(this::start)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
                .hasMessageContaining(settings.slot())
                .hasMessageContaining("drop the topics");
    }

    @Test
    void a_slot_moved_by_hand_past_the_newest_tidemark_stops_capture() throws Exception {
        start();
        captured.awaitTidemark(token());
        runner.close();
        execute("INSERT INTO items (id) VALUES (77)");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() ->
                        execute("SELECT pg_replication_slot_advance('" + settings.slot() + "', pg_current_wal_lsn())"));

        assertThatThrownBy(this::start)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
                .hasMessageContaining("past the newest tidemark");
    }

    @Test
    void a_connection_the_server_ends_is_made_again_at_once_and_nothing_is_lost_or_twice() throws Exception {
        start();
        for (int id = 10; id < 13; id++) {
            execute("INSERT INTO items (id) VALUES (" + id + ")");
            captured.awaitTidemark(token());
            execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                    + settings.slot() + "'");
            execute("INSERT INTO items (id) VALUES (" + (id + 10) + ")");
            captured.awaitTidemark(token());
        }

        assertEveryVersionOnce();
        assertThat(differences(ITEMS)).isEmpty();
    }

    @Test
    void a_transaction_larger_than_a_part_appears_as_one_though_capture_is_cut_off_within_it() throws Exception {
        start();
        captured.awaitTidemark(token());
        // All items are in the first part: what goes on after it knows their offsets from the state alone.
        execute("BEGIN; INSERT INTO items (id) SELECT generate_series(1001, 50000);"
                + " INSERT INTO lines SELECT 1, i, 'n' FROM generate_series(1, 120000) i;"
                + " UPDATE lines SET note = 'm' WHERE line_no <= 20000; DELETE FROM lines WHERE line_no <= 10; COMMIT");
        Lsn token = token();
        Awaitility.await("a part of it is durable")
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(30))
                .until(() -> new StateTopic(settings.kafkaClient(), topics)
                                .read()
                                .orElseThrow()
                                .half()
                        != null);
        execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                + settings.slot() + "'");
        Tidemark after = captured.awaitTidemark(token);

        assertThat(after.number()).isEqualTo(2);
        assertThat(captured.fold(LINES)).hasSize(119_990);
        CaptureProof proof = CaptureProof.of(settings);
        assertThat(proof.whole()).as(proof.text()).isTrue();
        assertThat(proof.changes()).isEqualTo(49_000 + 140_010);
    }

    @Test
    void logical_messages_are_captured_once_in_the_order_of_their_transaction_or_with_a_position_of_their_own()
            throws Exception {
        start();
        captured.awaitTidemark(token());
        execute("BEGIN; INSERT INTO items (id) VALUES (50); SELECT pg_logical_emit_message(true, 'order', 'within');"
                + " INSERT INTO items (id) VALUES (51); COMMIT");
        execute("SELECT pg_logical_emit_message(false, 'job', '\\x00ff'::bytea)");
        execute("BEGIN; SELECT pg_logical_emit_message(true, 'order', 'aborted'); ROLLBACK");
        captured.awaitTidemark(token());
        runner.close();
        execute("SELECT pg_logical_emit_message(false, 'job', 'while away')");
        start();
        execute("INSERT INTO items (id) VALUES (52)");
        captured.awaitTidemark(token());

        List<String> messages = captured.read(topics.messages()).stream()
                .map(record -> {
                    JsonNode envelope = Json.parse(record.value());
                    String content = new String(
                            Base64.getDecoder()
                                    .decode(envelope.at("/message/content").textValue()),
                            StandardCharsets.ISO_8859_1);
                    Version version = Version.decode(
                            record.headers().lastHeader(Version.HEADER).value());
                    return version + " " + envelope.at("/message/prefix").textValue() + " " + content;
                })
                .toList();
        assertThat(messages).containsExactly("2.1 order within", "3.0 job \u0000\u00ff", "4.0 job while away");
        assertThat(positionOf("{\"id\":52}")).isEqualTo(5);
        assertEveryVersionOnce();
    }

    @Test
    void a_transaction_open_across_a_stop_is_captured_whole() throws Exception {
        start();
        try (Connection slow = DriverManager.getConnection(
                        url,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            statement.execute("INSERT INTO items (id) SELECT generate_series(200, 204)");
            execute("INSERT INTO items (id) VALUES (300)");
            captured.awaitTidemark(token());
            runner.close();
            execute("INSERT INTO items (id) VALUES (301)");
            statement.execute("INSERT INTO items (id) SELECT generate_series(205, 209)");
            slow.commit();
        }
        start();
        captured.awaitTidemark(token());

        assertThat(differences(ITEMS)).isEmpty();
        assertEveryVersionOnce();
    }

    @Test
    void changes_whose_state_is_gone_are_not_written_over() throws Exception {
        start();
        captured.awaitTidemark(token());
        runner.close();
        try (Admin admin = Admin.create(new HashMap<String, Object>(settings.kafkaClient()))) {
            admin.deleteTopics(List.of(topics.state())).all().get();
        }

        assertThatThrownBy(this::start)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
                .hasMessageContaining("holds no state")
                .hasMessageContaining("Drop the topics");
        assertThat(confirmed()).as("the slot is still there").isGreaterThan(Lsn.ZERO);
    }

    @Test
    void a_slot_of_another_database_is_left_alone() throws Exception {
        try (Connection other = DriverManager.getConnection(
                        SharedStack.freshDatabase(),
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password());
                Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_create_logical_replication_slot('" + settings.slot() + "', 'pgoutput')");
            Lsn before = confirmed();

            assertThatThrownBy(this::start)
                    .isInstanceOfSatisfying(
                            TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_UNFIT))
                    .hasMessageContaining("belongs to something else")
                    .hasMessageContaining("source.slot");

            assertThat(confirmed()).isEqualTo(before);
            assertThat(captured.changes(ITEMS)).isEmpty();
            statement.execute("SELECT pg_drop_replication_slot('" + settings.slot() + "')");
        }
    }

    @Test
    void a_commit_that_cannot_be_read_yet_is_no_loss_to_a_capture_that_stands_by() throws Exception {
        start();
        captured.awaitTidemark(token());
        try (KafkaProducer<byte[], byte[]> undecided = new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                SharedStack.kafka().bootstrapServers(),
                                "transactional.id",
                                "undecided" + number),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                CaptureRunner second = new CaptureRunner(settings, SnapshotProgress.NONE)) {
            undecided.initTransactions();
            undecided.beginTransaction();
            // Behind it no read_committed reader sees what is committed, as in the moment before its markers are
            // written.
            undecided
                    .send(new ProducerRecord<>(topics.state(), 0, new byte[] {1}, new byte[0]))
                    .get();
            execute("INSERT INTO items (id) VALUES (7)");
            Lsn token = token();
            Awaitility.await("the slot is confirmed")
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> !confirmed().isBefore(token));

            second.start();

            undecided.abortTransaction();
            runner.close();
            second.awaitOwned();
            captured.awaitTidemark(token());
            assertThat(differences(ITEMS)).isEmpty();
        }
    }

    private void start() throws InterruptedException {
        runner = new CaptureRunner(settings, SnapshotProgress.NONE);
        runner.start();
        runner.awaitCovered();
    }

    private void assertEveryVersionOnce() {
        CaptureProof proof = CaptureProof.of(settings);
        assertThat(proof.whole()).as(proof.text()).isTrue();
        assertThat(proof.changes()).isPositive();
    }

    private void assertOffsetsCutExactlyAtEveryTidemark() {
        Map<String, long[]> reached = new TreeMap<>();
        for (Tidemark tidemark : captured.tidemarks()) {
            tidemark.offsets()
                    .forEach((topic, offsets) -> reached.put(
                            topic, offsets.stream().mapToLong(Long::longValue).toArray()));
            for (TableId table : settings.tables()) {
                for (CapturedTopics.ChangeRecord change : captured.changes(table)) {
                    long end = reached.get(topics.changes(table))[change.partition()];
                    assertThat(change.offset() < end)
                            .as("%s of %s at tidemark %s", change, table, tidemark.ref())
                            .isEqualTo(change.version().position() <= tidemark.number());
                }
            }
        }
    }

    private long positionOf(String key) {
        return captured.changes(ITEMS).stream()
                .filter(change -> change.key().equals(key))
                .findFirst()
                .orElseThrow()
                .version()
                .position();
    }

    /** What of a table's topic differs from the source's own to_jsonb, generated columns left out. */
    private Map<String, String> differences(TableId table) throws SQLException {
        Map<String, String> differences = new TreeMap<>();
        Map<String, JsonNode> found = captured.fold(table);
        try (Statement statement = source.createStatement()) {
            statement.execute("SET TimeZone TO 'UTC'");
            try (ResultSet rows = statement.executeQuery(
                    "SELECT id, (to_jsonb(t) - 'doubled')::text FROM " + table.quoted() + " t")) {
                while (rows.next()) {
                    String key = "{\"id\":" + rows.getLong(1) + "}";
                    JsonNode expected = Json.parse(rows.getString(2));
                    JsonNode row = found.remove(key);
                    if (row == null || !Json.same(expected, row)) {
                        differences.put(key, expected + "\n    but found " + row);
                    }
                }
            }
        }
        found.forEach((key, row) -> differences.put(key, "not in the source: " + row));
        return differences;
    }

    private Lsn confirmed() throws SQLException {
        return Lsn.parse(query("SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '"
                + settings.slot() + "'"));
    }

    private Lsn token() throws SQLException {
        return Lsn.parse(query("SELECT pg_current_wal_insert_lsn()::text"));
    }

    private String query(String sql) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(sql);
        }
    }
}
