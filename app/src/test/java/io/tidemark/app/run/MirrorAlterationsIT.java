package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.MainProcess;
import io.tidemark.app.model.TopicReader;
import io.tidemark.app.run.AlterationTraffic.State;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are altered while they are mirrored, by a process that is killed: judged by what PostgreSQL said. */
class MirrorAlterationsIT {

    private static final long SEED = Long.getLong("alterations.seed", 20_261_122);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What a reader of the mirror saw in one snapshot. */
    private record Seen(long tidemark, Map<String, List<String>> rows) {}

    @TempDir
    private Path directory;

    private final List<MainProcess> processes = new ArrayList<>();
    private final List<Seen> seen = new ArrayList<>();
    private Slice slice;

    @BeforeEach
    void create() throws Exception {
        System.out.println("-Dalterations.seed=" + SEED);
        slice = new Slice(directory, "alterations", Path.of("src", "test", "resources", "alterations", "tidemark.yml"));
        try (Connection connection = slice.source()) {
            AlterationTraffic.create(connection);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (MainProcess process : processes) {
            process.kill();
        }
        slice.close();
    }

    @Test
    void at_every_tidemark_the_mirrors_are_the_source_however_it_is_altered_and_whoever_is_killed() throws Exception {
        MainProcess running = run();
        running.awaitSaying("running:");
        slice.executeInWarehouse(
                "alter table plain.items add column mine text default 'mine'; create index mine on plain.items (price)");
        AlterationTraffic traffic = new AlterationTraffic(slice.source(), SEED);
        Random random = new Random(SEED);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> readUntil(over));
        for (String alteration : AlterationTraffic.ALTERATIONS) {
            traffic.run(10);
            traffic.alter(alteration);
            traffic.run(random.nextInt(10));
            if (random.nextInt(3) == 0) {
                running.requireAlive();
                running.kill();
                running = run();
                running.awaitSaying("running:");
            }
            awaitApplied("plain");
            running.requireAlive();
        }
        traffic.run(5);
        awaitApplied("plain");
        awaitApplied("kept");
        over.set(true);
        reader.join();

        NavigableMap<Long, State> states = byPosition(traffic.states());
        assertThat(judgeRows(states)).as("snapshots judged").isGreaterThan(20);
        assertThat(judgeVersions(states)).as("tidemarks judged").isGreaterThan(40);
        requireReconciled("the running process said: " + running.said());
        assertThat(rows("select indexdef from pg_indexes where indexname = 'mine'"))
                .hasSize(1);

        running.kill();
        slice.executeInWarehouse("drop schema plain cascade; drop schema kept cascade");
        running = run();
        running.awaitSaying("running:");
        awaitApplied("plain");
        awaitApplied("kept");
        requireReconciled("filled again");
        assertThat(rows("select 1 from kept._tidemark_history where whole_from >= " + states.lastKey()))
                .as("whole from no earlier than the newest alteration")
                .hasSize(1);
    }

    private MainProcess run() throws IOException {
        MainProcess process = MainProcess.start(
                directory,
                "run",
                "-c",
                slice.configFile().toString(),
                "--state",
                directory.resolve("state").toString());
        processes.add(process);
        return process;
    }

    private void requireReconciled(String when) throws Exception {
        MainProcess process = MainProcess.start(
                directory, "reconcile", "--all", "-c", slice.configFile().toString());
        processes.add(process);
        assertThat(process.awaitEnd()).as("%s: %s", when, process.said()).isZero();
    }

    /** Waits until a mirror has what is committed now. */
    private void awaitApplied(String schema) throws SQLException {
        Lsn token = slice.token();
        Awaitility.await("tidemark at or past " + token)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> !rows("select lsn::text from " + schema + "._tidemark_applied where lsn >= '" + token
                                + "'")
                        .isEmpty());
    }

    private void readUntil(AtomicBoolean over) {
        try (Connection warehouse = slice.warehouse()) {
            try (Statement statement = warehouse.createStatement()) {
                statement.execute("set timezone = 'UTC'");
            }
            warehouse.setAutoCommit(false);
            warehouse.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            while (!over.get()) {
                read(warehouse);
                warehouse.commit();
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read(Connection warehouse) throws SQLException {
        try (Statement statement = warehouse.createStatement()) {
            // A table that is altered after the snapshot and before it is read would be read in its new form.
            statement.execute("lock table plain.items, plain.others in access share mode");
        }
        List<String> tidemark = HistoryTraffic.rows(warehouse, "select number::text from plain._tidemark_applied");
        if (!tidemark.isEmpty()) {
            Map<String, List<String>> rows = new TreeMap<>();
            for (String table : AlterationTraffic.TABLES) {
                rows.put(table, HistoryTraffic.rows(warehouse, select("plain." + table, "true")));
            }
            seen.add(new Seen(Long.parseLong(tidemark.get(0)), rows));
        }
    }

    /** Rows as the source prints them, without what Tidemark and others add. */
    private static String select(String table, String predicate) {
        return "select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(t)) where key not like '\\_tidemark%'"
                + " and key <> 'mine')::text from " + table + " t where " + predicate;
    }

    private NavigableMap<Long, State> byPosition(List<State> states) {
        Map<Long, Long> positions = new HashMap<>();
        tidemarks().forEach(tidemark -> tidemark.transactions()
                .forEach(each -> positions.put(each.xid(), each.position())));
        NavigableMap<Long, State> byPosition = new TreeMap<>();
        for (State state : states) {
            Long position = positions.get(state.xid());
            assertThat(position).as("position of transaction %d", state.xid()).isNotNull();
            byPosition.put(position, state);
        }
        return byPosition;
    }

    private List<Tidemark> tidemarks() {
        Plan plan = slice.plan();
        List<Tidemark> tidemarks = new ArrayList<>();
        try (TopicReader topic =
                new TopicReader(plan.kafkaClient(), List.of(plan.topics().tidemarks()))) {
            topic.readAll(record -> tidemarks.add(Tidemark.fromJson(Json.parse(record.value()))));
        }
        return tidemarks;
    }

    private int judgeRows(NavigableMap<Long, State> states) {
        int judged = 0;
        for (Seen each : seen) {
            Map.Entry<Long, State> expected = states.floorEntry(each.tidemark());
            if (expected != null) {
                assertThat(each.rows())
                        .as("at tidemark %d", each.tidemark())
                        .isEqualTo(expected.getValue().rows());
                judged++;
            }
        }
        return judged;
    }

    /** As of each tidemark, over the columns the source had then. */
    private int judgeVersions(NavigableMap<Long, State> states) throws SQLException {
        int judged = 0;
        try (Connection warehouse = slice.warehouse()) {
            try (Statement statement = warehouse.createStatement()) {
                statement.execute("set timezone = 'UTC'");
            }
            long before = 0;
            for (Tidemark tidemark : tidemarks()) {
                Map.Entry<Long, State> expected = states.floorEntry(tidemark.number());
                if (expected == null || tidemark.number() == before) {
                    continue;
                }
                before = tidemark.number();
                for (String table : AlterationTraffic.TABLES) {
                    List<String> rows = expected.getValue().rows().get(table);
                    assertThat(asOf(warehouse, table, tidemark.number(), rows))
                            .as("%s as of tidemark %d", table, tidemark.number())
                            .isEqualTo(rows);
                }
                judged++;
            }
        }
        return judged;
    }

    private static List<String> asOf(Connection warehouse, String table, long number, List<String> expected)
            throws SQLException {
        if (expected.isEmpty()) {
            return HistoryTraffic.rows(warehouse, versions(table, number));
        }
        List<String> columns = new ArrayList<>();
        Json.parse(expected.get(0)).fieldNames().forEachRemaining(columns::add);
        List<String> rows = new ArrayList<>();
        for (String text : HistoryTraffic.rows(warehouse, versions(table, number))) {
            JsonNode version = Json.parse(text);
            ObjectNode row = Json.object();
            columns.forEach(column -> row.set(column, value(version, column)));
            rows.add(Json.canonical(row));
        }
        rows.sort(null);
        return rows;
    }

    private static String versions(String table, long number) {
        return "select to_jsonb(t)::text from kept." + table + "_history t where _tidemark_from <= " + number
                + " and (_tidemark_to > " + number + " or _tidemark_to is null)";
    }

    /** A value from before its column had another type is beside it. */
    private static JsonNode value(JsonNode version, String column) {
        JsonNode value = version.path(column);
        for (var field : version.properties()) {
            boolean aside = field.getKey().startsWith("_tidemark_until_")
                    && field.getKey().endsWith("_" + column)
                    && !field.getValue().isNull();
            value = aside ? field.getValue() : value;
        }
        return value.isMissingNode() ? NullNode.getInstance() : value;
    }

    private List<String> rows(String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = slice.warehouse();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
