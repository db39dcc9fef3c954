package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables of several ranges of keys, read while they are written to; the judge is the source's own JSON. */
class SnapshotIT {

    private static final TableId PARCELS = new TableId("public", "parcels");
    private static final TableId LABELS = new TableId("public", "labels");
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int ROWS = 120_000;

    private final int number = NUMBER.incrementAndGet();
    private final String url = SharedStack.postgres().createDatabase("snapshot" + number);
    private final Topics topics = new Topics("snapshot" + number);
    private final CapturedTopics captured =
            new CapturedTopics(SharedStack.kafka().bootstrapServers(), topics);
    private final List<SnapshotProgress.Report> reports = new CopyOnWriteArrayList<>();
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final ExecutorService writers = Executors.newCachedThreadPool();
    private final long seed = System.nanoTime();
    private CaptureRunner runner;
    private Connection source;

    @BeforeEach
    void create() throws SQLException {
        source = connect();
        execute("CREATE TABLE parcels (depot text, id bigint, weight numeric(10,2), note text, tree jsonb,"
                + " PRIMARY KEY (depot, id));"
                + "CREATE TABLE labels (id bigint PRIMARY KEY, text text);"
                + "INSERT INTO parcels SELECT 'd' || n % 7, n, n / 3.0, repeat('parcel \\ \"' || n, 12), '{\"a\": [1, {\"b\": 2.50}]}'"
                + " FROM generate_series(1, " + ROWS + ") n;"
                + "ANALYZE parcels");
    }

    @AfterEach
    void stop() throws SQLException {
        writing.set(false);
        writers.shutdownNow();
        if (runner != null) {
            runner.close();
        }
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'snapshot_"
                + number + "' AND NOT active");
        source.close();
    }

    @Test
    void a_table_is_read_in_chunks_while_it_is_written_to_and_the_first_tidemark_says_what_the_source_says()
            throws Exception {
        Future<Integer> writer = writers.submit(this::writeParcels);

        start(PARCELS);
        runner.awaitCovered();
        writing.set(false);

        assertThat(writer.get(30, TimeUnit.SECONDS))
                .as("transactions meanwhile")
                .isPositive();
        captured.awaitTidemark(token());
        assertThat(differences(PARCELS)).as("seed %s", seed).isEmpty();
        assertThat(chunks(PARCELS)).as("positions of chunks").isGreaterThan(3);
        SnapshotProgress.Report last = reports.get(reports.size() - 1);
        assertThat(last.rows()).isBetween(ROWS * 9L / 10, ROWS * 2L);
        assertThat(last.rowsPerSecond()).isPositive();
        assertThat(reports.get(0).rowsLeft()).isGreaterThan(last.rowsLeft());
        assertEveryChangeOnce(PARCELS);
    }

    @Test
    void a_table_written_anew_after_the_snapshot_and_before_it_is_read_does_not_look_empty() throws Exception {
        assertRightThough("ALTER TABLE labels ALTER COLUMN text TYPE varchar(40)");
    }

    /** In UTC this writes no row anew. */
    @Test
    void a_type_altered_after_the_snapshot_and_before_it_is_read_prints_as_the_new_one() throws Exception {
        execute("ALTER TABLE labels ADD COLUMN at timestamp DEFAULT '2024-01-02 03:04:05'");
        assertRightThough("ALTER TABLE labels ALTER COLUMN at TYPE timestamptz");
    }

    /** Alters the second table while the first one is read. */
    private void assertRightThough(String ddl) throws Exception {
        execute("INSERT INTO labels SELECT n, 'label ' || n FROM generate_series(1, 100) n");
        AtomicBoolean altered = new AtomicBoolean();
        runner = new CaptureRunner(settings(PARCELS, LABELS), report -> {
            if (altered.compareAndSet(false, true)) {
                try {
                    execute("SET TimeZone TO 'UTC'; " + ddl);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        runner.start();
        runner.awaitCovered();

        assertThat(altered).isTrue();
        assertThat(differences(LABELS)).isEmpty();
        assertThat(differences(PARCELS)).isEmpty();
    }

    @Test
    void a_snapshot_that_was_cut_off_goes_on_after_its_last_finished_range() throws Exception {
        Future<Integer> writer = writers.submit(this::writeParcels);
        CountDownLatch half = new CountDownLatch(1);
        runner = new CaptureRunner(settings(PARCELS), report -> {
            reports.add(report);
            if (report.rows() > ROWS * 2 / 3) {
                half.countDown();
                // As if it were killed here: nothing of what follows is committed.
                throw new TidemarkException(ErrorCode.FAILED, "cut off");
            }
        });
        runner.start();
        assertThat(half.await(60, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(runner::awaitEnd).hasMessageContaining("cut off");
        runner.close();
        assertThat(captured.tidemarks()).isEmpty();
        long durable =
                CapturedState.read(kafka(), topics).orElseThrow().filling().get(PARCELS);
        assertThat(durable).isPositive();
        reports.clear();

        start(PARCELS);
        runner.awaitCovered();
        writing.set(false);
        writer.get(30, TimeUnit.SECONDS);

        captured.awaitTidemark(token());
        assertThat(differences(PARCELS)).as("seed %s", seed).isEmpty();
        // One range may be read twice, and rows were added.
        assertThat(reports.get(reports.size() - 1).rows())
                .as("rows read when %s were there", durable)
                .isLessThan(captured.fold(PARCELS).size() - durable + ROWS / 5);
    }

    @Test
    void a_table_read_again_gets_back_what_its_topic_lost_and_loses_what_it_should_not_have() throws Exception {
        start(PARCELS, LABELS);
        runner.awaitCovered();
        plant("{\"depot\":\"d9\",\"id\":-1}", "{\"depot\": \"d9\", \"id\": -1, \"note\": \"nowhere in the source\"}");
        plant("{\"depot\":\"d1\",\"id\":1}", null);
        plant("{\"depot\":\"d2\",\"id\":2}", "{\"depot\": \"d2\", \"id\": 2, \"note\": \"wrong\"}");
        assertThat(differences(PARCELS)).hasSize(3);
        Future<Integer> writer = writers.submit(this::writeParcels);

        Lsn asked = SnapshotRequests.ask(settings(PARCELS, LABELS).source(), PARCELS);

        Awaitility.await("the table is read again")
                .atMost(Duration.ofSeconds(60))
                .until(() -> CapturedState.read(kafka(), topics)
                        .filter(state -> !state.reached().isBefore(asked))
                        .filter(state -> state.filling().isEmpty())
                        .isPresent());
        writing.set(false);
        writer.get(30, TimeUnit.SECONDS);
        captured.awaitTidemark(token());
        assertThat(differences(PARCELS)).as("seed %s", seed).isEmpty();
    }

    @Test
    void a_table_added_to_a_capture_is_in_no_tidemark_before_it_is_whole_and_tidemarks_go_on() throws Exception {
        execute("INSERT INTO labels VALUES (1, 'first')");
        start(LABELS);
        runner.awaitCovered();
        runner.close();
        execute("ALTER PUBLICATION publication_" + number + " ADD TABLE parcels");
        Future<Integer> writer = writers.submit(this::writeParcels);
        int before = captured.tidemarks().size();

        start(LABELS, PARCELS);
        Awaitility.await("the table is whole")
                .atMost(Duration.ofSeconds(60))
                .until(() -> CapturedState.read(kafka(), topics)
                                .filter(state -> state.filling().isEmpty())
                                .isPresent()
                        && newestFull().offsets().containsKey(topics.changes(PARCELS)));
        writing.set(false);
        writer.get(30, TimeUnit.SECONDS);

        captured.awaitTidemark(token());
        assertThat(differences(PARCELS)).as("seed %s", seed).isEmpty();
        List<Tidemark> tidemarks = captured.tidemarks().stream().skip(before).toList();
        long without = tidemarks.stream()
                .takeWhile(tidemark -> !tidemark.offsets().containsKey(topics.changes(PARCELS)))
                .count();
        assertThat(without).as("tidemarks while it was read").isPositive();
        assertThat(tidemarks.get((int) without).full()).isTrue();
        assertEveryChangeOnce(LABELS, PARCELS);
    }

    private Tidemark newestFull() {
        List<Tidemark> full =
                captured.tidemarks().stream().filter(Tidemark::full).toList();
        return full.get(full.size() - 1);
    }

    private void start(TableId... tables) {
        runner = new CaptureRunner(settings(tables), reports::add);
        runner.start();
    }

    private CaptureSettings settings(TableId... tables) {
        return new CaptureSettings(
                new CaptureSettings.Source(
                        url,
                        SharedStack.postgres().superuser(),
                        new Secret(SharedStack.postgres().password())),
                List.of(tables),
                "snapshot_" + number,
                "publication_" + number,
                kafka(),
                topics,
                3,
                Duration.ofDays(7));
    }

    private static Map<String, String> kafka() {
        return Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers());
    }

    /** Small transactions all over the table, until told to stop; says how many. */
    private int writeParcels() throws SQLException {
        Random random = new Random(seed);
        int transactions = 0;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            while (writing.get()) {
                long id = 1L + random.nextInt(ROWS);
                statement.execute(
                        switch (random.nextInt(5)) {
                            case 0 -> "DELETE FROM parcels WHERE id = " + id;
                            case 1 ->
                                "INSERT INTO parcels SELECT 'e' || n % 3, n, 1.50, 'new' FROM generate_series("
                                        + (ROWS + 10L * transactions) + ", " + (ROWS + 10L * transactions + 9) + ") n";
                            case 2 -> "UPDATE parcels SET depot = 'z' || depot WHERE id = " + id;
                            default ->
                                "UPDATE parcels SET note = 'changed', weight = weight + 1 WHERE id BETWEEN " + id
                                        + " AND " + (id + 20);
                        });
                transactions++;
                // Some hundred a second: what is tested is the reading beside it, not which of the two is faster.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(3));
            }
        }
        return transactions;
    }

    /** Writes to a topic past capture; a null row is a tombstone. */
    private void plant(String key, String row) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                new TreeMap<String, Object>(kafka()), new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] value =
                    row == null ? null : Json.bytes(Json.object().put("op", "c").set("after", Json.parse(row)));
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(topics.changes(PARCELS), key.getBytes(StandardCharsets.UTF_8), value);
            record.headers().add(Version.HEADER, new Version(1, 0).encode());
            producer.send(record).get();
        }
    }

    /** Positions at which rows were read. */
    private long chunks(TableId table) {
        return captured.changes(table).stream()
                .filter(change -> change.operation().equals("r"))
                .map(change -> change.version().position())
                .distinct()
                .count();
    }

    private void assertEveryChangeOnce(TableId... tables) {
        CaptureProof proof = CaptureProof.of(settings(tables));
        assertThat(proof.whole()).as(proof.text()).isTrue();
    }

    /** What of a table's topic differs from the source's own to_jsonb. */
    private Map<String, String> differences(TableId table) throws SQLException {
        Map<String, String> differences = new TreeMap<>();
        Map<String, JsonNode> found = captured.fold(table);
        String key = table.equals(PARCELS)
                ? "'{\"depot\":\"' || depot || '\",\"id\":' || id || '}'"
                : "'{\"id\":' || id || '}'";
        try (Statement statement = source.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT " + key + ", to_jsonb(t)::text FROM " + table.quoted() + " t")) {
            while (rows.next()) {
                JsonNode expected = Json.parse(rows.getString(2));
                JsonNode row = found.remove(rows.getString(1));
                if (row == null || !Json.same(expected, row)) {
                    differences.put(rows.getString(1), expected + "\n    but found " + row);
                }
            }
        }
        found.forEach((left, row) -> differences.put(left, "not in the source: " + row));
        return differences;
    }

    private Lsn token() throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(sql);
        }
    }
}
