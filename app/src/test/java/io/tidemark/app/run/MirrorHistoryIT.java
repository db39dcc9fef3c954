package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.model.TopicReader;
import io.tidemark.app.run.HistoryTraffic.State;
import io.tidemark.model.Json;
import io.tidemark.model.Tidemark;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the history of a mirror says of the past, judged by what PostgreSQL said then. */
class MirrorHistoryIT {

    private static final long SEED = Long.getLong("history.seed", 20_261_122);
    private static final int PARTITIONS = 3;

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void create() throws Exception {
        System.out.println("-Dhistory.seed=" + SEED);
        slice = new Slice(directory, "history", Path.of("src", "test", "resources", "history", "tidemark.yml"));
        try (Connection connection = slice.source()) {
            HistoryTraffic.create(connection);
        }
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void the_history_is_what_the_source_said_after_every_statement_through_restarts_and_when_filled_again()
            throws Exception {
        slice.start();
        slice.awaitEverything();
        HistoryTraffic traffic = new HistoryTraffic(slice.source(), SEED, PARTITIONS);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> reader = run(() -> readUntil(over));
        CompletableFuture<Void> writing = run(() -> traffic.run(150));
        for (int restart = 0; restart < 3; restart++) {
            cutWarehouseConnections();
            slice.stop();
            slice.start();
        }
        writing.join();
        slice.awaitEverything();
        over.set(true);
        reader.join();

        int judged = judge(traffic.states());
        assertThat(judged).as("states judged").isGreaterThan(150);
        slice.assertNoDrift(1);

        slice.stop();
        slice.executeInWarehouse("drop schema mirror cascade");
        slice.start();
        slice.awaitEverything();
        assertThat(judge(traffic.states()))
                .as("after it was filled from the topics")
                .isEqualTo(judged);
    }

    /** Holds what the history says as of each place in the source's transactions against what the source said. */
    private int judge(List<State> states) throws SQLException {
        Map<Long, Tidemark.Transaction> byXid = new HashMap<>();
        long first = tidemarks(byXid);
        int judged = 0;
        TreeMap<Instant, State> byTime = new TreeMap<>();
        try (Connection warehouse = slice.warehouse()) {
            utc(warehouse);
            assertThat(HistoryTraffic.rows(warehouse, "select whole_from::text from mirror._tidemark_history"))
                    .as("whole from the first tidemark on")
                    .containsExactly(Long.toString(first));
            for (State state : states) {
                Tidemark.Transaction transaction = byXid.get(state.xid());
                if (transaction == null) {
                    continue;
                }
                assertThat(asOf(warehouse, transaction.position(), state.changes() - 1))
                        .as("as of position %d, change %d", transaction.position(), state.changes())
                        .isEqualTo(state.rows());
                judged++;
                if (state.last()) {
                    assertThat(asOf(warehouse, transaction.position()))
                            .as("as of position %d", transaction.position())
                            .isEqualTo(state.rows());
                    byTime.put(transaction.commitTime().truncatedTo(ChronoUnit.MILLIS), state);
                }
            }
            for (Map.Entry<Instant, State> each : byTime.entrySet()) {
                assertThat(asOf(warehouse, each.getKey()))
                        .as("as of %s", each.getKey())
                        .isEqualTo(each.getValue().rows());
            }
        }
        return judged;
    }

    /** Number of the first; fills in what they list. */
    private long tidemarks(Map<Long, Tidemark.Transaction> byXid) {
        Plan plan = slice.plan();
        List<Long> numbers = new ArrayList<>();
        try (TopicReader topic =
                new TopicReader(plan.kafkaClient(), List.of(plan.topics().tidemarks()))) {
            topic.readAll(record -> {
                Tidemark tidemark = Tidemark.fromJson(Json.parse(record.value()));
                numbers.add(tidemark.number());
                tidemark.transactions().forEach(each -> byXid.put(each.xid(), each));
            });
        }
        return numbers.get(0);
    }

    private static Map<String, List<String>> asOf(Connection warehouse, long position, int order) throws SQLException {
        String at = "(" + position + ", " + order + ")";
        return rows(
                warehouse,
                "(_tidemark_from, _tidemark_from_order) <= " + at
                        + " and (_tidemark_to is null or (_tidemark_to, _tidemark_to_order) > " + at + ")");
    }

    private static Map<String, List<String>> asOf(Connection warehouse, long position) throws SQLException {
        return rows(
                warehouse,
                "_tidemark_from <= " + position + " and (_tidemark_to > " + position + " or _tidemark_to is null)");
    }

    private static Map<String, List<String>> asOf(Connection warehouse, Instant time) throws SQLException {
        return rows(
                warehouse,
                "_tidemark_valid_from <= '" + time + "' and (_tidemark_valid_to > '" + time
                        + "' or _tidemark_valid_to is null)");
    }

    private static Map<String, List<String>> rows(Connection warehouse, String predicate) throws SQLException {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String table : HistoryTraffic.TABLES) {
            rows.put(table, HistoryTraffic.rows(warehouse, select(table + "_history", predicate)));
        }
        return rows;
    }

    /** Rows as the source prints them, without what Tidemark adds. */
    private static String select(String table, String predicate) {
        return "select (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(t)) where key not like '\\_tidemark%')"
                + "::text from mirror." + table + " t where " + predicate;
    }

    /** A reader sees at no time two versions of a key, nor a history that says otherwise than the rows. */
    private void readUntil(AtomicBoolean over) throws SQLException {
        try (Connection warehouse = slice.warehouse()) {
            utc(warehouse);
            warehouse.setAutoCommit(false);
            warehouse.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            while (!over.get()) {
                for (String table : HistoryTraffic.TABLES) {
                    List<String> rows = HistoryTraffic.rows(warehouse, select(table, "true"));
                    String current = "_tidemark_valid_to is null and _tidemark_operation <> 'd'";
                    assertThat(HistoryTraffic.rows(warehouse, select(table + "_history", current)))
                            .as("current versions of %s", table)
                            .isEqualTo(rows);
                }
                warehouse.commit();
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    private static void utc(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
        }
    }

    private void cutWarehouseConnections() throws SQLException {
        try (Connection connection = slice.warehouse();
                Statement statement = connection.createStatement();
                ResultSet cut = statement.executeQuery("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                        + " where datname = current_database() and application_name = 'tidemark'")) {
            assertThat(cut.next()).isTrue();
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws SQLException;
    }

    private static CompletableFuture<Void> run(Work work) {
        return CompletableFuture.runAsync(() -> {
            try {
                work.run();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
