package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.localstack.KafkaCluster;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** A source of its own with a table {@code public.items (id bigint PRIMARY KEY, words text)}, and a capture of it. */
final class SourceUnderCapture implements AutoCloseable {

    static final TableId ITEMS = TableId.parse("public.items");

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private final CaptureSettings settings;
    private final CapturedTopics captured;
    private final Connection source;
    private CaptureRunner runner;

    private SourceUnderCapture(CaptureSettings settings) throws SQLException {
        this.settings = settings;
        this.captured = new CapturedTopics(settings.kafkaClient().get("bootstrap.servers"), settings.topics());
        this.source = DriverManager.getConnection(
                settings.source().jdbcUrl(),
                settings.source().user(),
                settings.source().password().reveal());
        execute("CREATE TABLE IF NOT EXISTS items (id bigint PRIMARY KEY, words text)");
    }

    static SourceUnderCapture onSharedServers() throws SQLException {
        return at(SharedStack.postgres(), SharedStack.kafka(), Map.of());
    }

    /**
     * On these servers.
     *
     * @param client properties for Kafka's clients
     */
    static SourceUnderCapture at(PostgresServer postgres, KafkaCluster kafka, Map<String, String> client)
            throws SQLException {
        int number = NUMBER.incrementAndGet();
        String name = "under" + number + "x" + ProcessHandle.current().pid();
        Map<String, String> properties = new HashMap<>(client);
        properties.put("bootstrap.servers", kafka.bootstrapServers());
        return new SourceUnderCapture(new CaptureSettings(
                new CaptureSettings.Source(
                        postgres.createDatabase(name), postgres.superuser(), new Secret(postgres.password())),
                List.of(ITEMS),
                name,
                name,
                properties,
                new Topics(name),
                1,
                Duration.ofDays(7)));
    }

    /** The same source and topics, captured with other settings. */
    SourceUnderCapture with(UnaryOperator<CaptureSettings> change) throws SQLException {
        return new SourceUnderCapture(change.apply(settings));
    }

    CaptureSettings settings() {
        return settings;
    }

    CapturedTopics captured() {
        return captured;
    }

    CaptureRunner runner() {
        return runner;
    }

    void start() {
        runner = new CaptureRunner(settings, SnapshotProgress.NONE);
        runner.start();
    }

    void stop() {
        if (runner != null) {
            runner.close();
            runner = null;
        }
    }

    /** Starts, and waits until what is committed now is covered. */
    void startAndCatchUp() throws Exception {
        start();
        catchUp();
    }

    void catchUp() throws Exception {
        Lsn token = token();
        Awaitility.await("a tidemark at " + token)
                .atMost(PATIENCE)
                .until(() -> runner.ended().isDone()
                        || CapturedState.read(settings.kafkaClient(), settings.topics())
                                .filter(state -> !state.tidemark().lsn().isBefore(token))
                                .isPresent());
        if (runner.ended().isDone()) {
            runner.awaitEnd();
        }
    }

    /** What ended the running capture by itself. */
    TidemarkException awaitFailure() throws InterruptedException, TimeoutException {
        try {
            runner.ended().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("Capture ended without an error");
        } catch (ExecutionException e) {
            return (TidemarkException) e.getCause();
        }
    }

    /** Everything the source has is in the topics, once, and nothing else. */
    void assertNothingLostOrTwice() throws SQLException {
        CaptureProof proof = CaptureProof.of(settings);
        assertThat(proof.whole()).as(proof.text()).isTrue();
        assertThat(proof.changes()).isPositive();
        assertThat(differences()).isEmpty();
    }

    /** Rows of the source that its topic lacks or has otherwise, and rows only the topic has, by id. */
    Map<String, String> differences() throws SQLException {
        Map<String, String> differences = new TreeMap<>();
        Map<String, JsonNode> found = captured.fold(ITEMS);
        try (Statement statement = source.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, to_jsonb(t)::text FROM items t")) {
            while (rows.next()) {
                String key = "{\"id\":" + rows.getLong(1) + "}";
                JsonNode row = found.remove(key);
                if (row == null || !Json.same(Json.parse(rows.getString(2)), row)) {
                    differences.put(key, row == null ? "missing" : "different");
                }
            }
        }
        found.forEach((key, row) -> differences.put(key, "not in the source"));
        return differences;
    }

    Lsn confirmed() throws SQLException {
        return Lsn.parse(query("SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '"
                + settings.slot() + "'"));
    }

    Lsn token() throws SQLException {
        return Lsn.parse(query("SELECT pg_current_wal_insert_lsn()::text"));
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                settings.source().jdbcUrl(),
                settings.source().user(),
                settings.source().password().reveal());
    }

    String query(String sql) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = source.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        stop();
        String drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                + settings.slot() + "'";
        Awaitility.await("the slot is free").atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> execute(drop));
        source.close();
    }
}
