package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.RelationChange;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A database of its own, captured into topics of its own, and the judgement whether they agree. */
final class CapturedSource implements AutoCloseable {

    static final int PARTITIONS = 3;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name = "edge_" + NUMBER.incrementAndGet();
    private final PostgresServer server;
    private final String url;
    private final Topics names = new Topics(name);
    private final CapturedTopics topics = new CapturedTopics(SharedStack.kafka().bootstrapServers(), names);
    private Connection source;
    private List<TableId> tables = List.of();
    private @Nullable CaptureRunner runner;

    CapturedSource() throws SQLException {
        this(SharedStack.postgres(), SharedStack.freshDatabase());
    }

    /** A database of another server. */
    CapturedSource(PostgresServer server, String url) throws SQLException {
        this.server = server;
        this.url = url;
        source = connect();
        execute("SET TimeZone = 'UTC'");
    }

    /** The server was started again. */
    void reconnect() throws SQLException {
        source = connect();
        execute("SET TimeZone = 'UTC'");
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, server.superuser(), server.password());
    }

    static TableId table(String name) {
        return new TableId("public", name);
    }

    CapturedTopics topics() {
        return topics;
    }

    String publication() {
        return name;
    }

    CaptureSettings settings() {
        return new CaptureSettings(
                new CaptureSettings.Source(url, server.superuser(), new Secret(server.password())),
                tables,
                name,
                name,
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()),
                names,
                PARTITIONS,
                Duration.ofDays(7));
    }

    /** What captures another source into the same topics. */
    CaptureSettings settingsFor(CapturedSource other) {
        return new CaptureSettings(
                other.settings().source(),
                tables,
                name,
                name,
                settings().kafkaClient(),
                names,
                PARTITIONS,
                Duration.ofDays(7));
    }

    /** Captures these tables of schema public. */
    void capture(String... captured) throws InterruptedException {
        tables = List.of(captured).stream().map(CapturedSource::table).toList();
        restart();
        runner().awaitCovered();
    }

    void restart() {
        stop();
        CaptureRunner next = new CaptureRunner(settings(), SnapshotProgress.NONE);
        runner = next;
        next.start();
    }

    CaptureRunner runner() {
        return Objects.requireNonNull(runner, "nothing is captured");
    }

    void stop() {
        if (runner != null) {
            runner.close();
            runner = null;
        }
    }

    /** Waits until everything committed now is captured. */
    void await() throws SQLException {
        topics.awaitTidemark(Lsn.parse(query("SELECT pg_current_wal_insert_lsn()::text")));
    }

    void assertStops(String... reasons) {
        assertStops(ErrorCode.NOT_CAPTURABLE, reasons);
    }

    void assertStops(ErrorCode code, String... reasons) {
        CaptureRunner running = runner();
        var thrown = assertThatThrownBy(
                        () -> running.ended().orTimeout(30, TimeUnit.SECONDS).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(code));
        for (String reason : reasons) {
            thrown.hasMessageContaining(reason);
        }
    }

    /** Every captured transaction is in the topics once, whole, in order; and every table as the source has it now. */
    void assertCaptured() throws SQLException {
        CaptureProof proof = CaptureProof.of(settings());
        assertThat(proof.whole()).as(proof.text()).isTrue();
        for (TableId table : tables) {
            assertThat(differences(table)).as("%s", table).isEmpty();
        }
    }

    /** The descriptions of a table in the relations topic, oldest first. */
    List<Relation> relations(String table) {
        return topics.read(names.relations()).stream()
                .map(record -> Json.parse(record.value()))
                .filter(json -> json.has("table"))
                .map(Relation::fromJson)
                .filter(relation -> relation.table().equals(table(table)))
                .toList();
    }

    /** The descriptions that the first tidemark covers which covers a position. */
    List<Relation> relationsCoveredBy(long position) {
        long end = 0;
        for (Tidemark tidemark : topics.tidemarks()) {
            end = tidemark.offsets()
                    .getOrDefault(names.relations(), List.of(end))
                    .get(0);
            if (tidemark.number() >= position) {
                break;
            }
        }
        long covered = end;
        return topics.read(names.relations()).stream()
                .filter(record -> record.offset() < covered)
                .map(record -> Json.parse(record.value()))
                .filter(json -> json.has("table"))
                .map(Relation::fromJson)
                .toList();
    }

    Relation newestRelation(String table) {
        List<Relation> all = relations(table);
        return all.get(all.size() - 1);
    }

    /** The newest description's columns as {@code name type}. */
    List<String> columns(String table) {
        return newestRelation(table).columns().stream()
                .map(column -> column.name() + " " + column.type())
                .toList();
    }

    /** Whether any of a table's descriptions since the first is judged to change rows. */
    boolean rowsChanged(String table) throws SQLException {
        List<Relation> all = relations(table);
        boolean changed = false;
        try (Connection connection = connect()) {
            for (int i = 1; i < all.size(); i++) {
                Relation now = all.get(i);
                assertThat(now.version()).isEqualTo(i + 1);
                changed |= RelationChange.of(all.get(i - 1), now, SourceCatalog.withoutWal(connection, now.oid()))
                        .rowsChanged();
            }
        }
        return changed;
    }

    /** Operations of a table's records in the order of their versions, truncates once for all partitions. */
    List<String> operations(String table) {
        List<CapturedTopics.ChangeRecord> changes = new ArrayList<>(topics.changes(table(table)));
        changes.sort(java.util.Comparator.comparing(CapturedTopics.ChangeRecord::version));
        List<String> operations = new ArrayList<>();
        int truncates = 0;
        for (CapturedTopics.ChangeRecord change : changes) {
            boolean truncate = change.operation().equals("t");
            if (!truncate || truncates++ % PARTITIONS == 0) {
                operations.add(change.operation());
            }
        }
        return operations;
    }

    /**
     * What of a table's topic, read by the newest description of the table, differs from the source: a column a row lacks
     * is null, one the description lacks is left out.
     */
    Map<String, String> differences(TableId table) throws SQLException {
        Relation relation = newestRelation(table.name());
        Map<String, JsonNode> found = topics.fold(table);
        Map<String, String> differences = new TreeMap<>();
        for (JsonNode expected : rows(table)) {
            String key = new String(relation.keyOf(expected).encode(), StandardCharsets.UTF_8);
            JsonNode row = found.remove(key);
            if (row == null || !Json.same(readBy(relation, expected), readBy(relation, row))) {
                differences.put(key, expected + "\n    but found " + row);
            }
        }
        found.forEach((key, row) -> differences.put(key, "not in the source: " + row));
        return differences;
    }

    private static ObjectNode readBy(Relation relation, JsonNode row) {
        ObjectNode read = Json.object();
        relation.columns()
                .forEach(column -> read.set(
                        column.name(),
                        row.path(column.name()).isMissingNode() ? Json.object().nullNode() : row.get(column.name())));
        return read;
    }

    private List<JsonNode> rows(TableId table) throws SQLException {
        List<JsonNode> rows = new ArrayList<>();
        try (Statement statement = source.createStatement();
                ResultSet result = statement.executeQuery("SELECT to_jsonb(t)::text FROM " + table.quoted() + " t")) {
            while (result.next()) {
                rows.add(Json.parse(result.getString(1)));
            }
        }
        return rows;
    }

    String query(String sql) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    void execute(String... statements) throws SQLException {
        try (Statement statement = source.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        stop();
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" + name
                + "' AND NOT active");
        source.close();
    }
}
