package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.Main;
import io.tidemark.localstack.ServerKind;
import io.tidemark.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** {@code tidemark reconcile} of a large mirror, equal and with one row in 10,000 differing, beside a bare scan of each side. */
final class ReconciledMirror implements Scenario {

    private static final String MODEL = "reconciled";
    private static final String TABLE = MODEL + ".order_lines";
    private static final long ROWS = 5_000_000;
    private static final int LINES = 5;

    /** One order in so many has one line that differs. */
    private static final int DIFFERING = 2_000;

    private static final double EQUAL_TARGET = 0.8;
    private static final double DIFFERING_TARGET = 1.3;
    private static final double COMMITS_TARGET = 1.1;

    /** How long transactions are looked at with nothing beside them. */
    private static final Duration ALONE = Duration.ofSeconds(20);

    /** The same text, hashed in the same way, by one process. */
    private static final String SCAN = "SELECT count(*), sum(hashtextextended(jsonb_build_object('order_id', order_id,"
            + " 'line_no', line_no, 'product_id', product_id, 'quantity', quantity, 'price', price)::text, 0)) FROM ";

    @Override
    public Set<ServerKind> servers() {
        return EnumSet.allOf(ServerKind.class);
    }

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        long orders = Math.max(DIFFERING, Math.round(ROWS * session.scale() / LINES));
        session.say("reconcile: a mirror of " + orders * LINES + " rows");
        try (Shop shop = Shop.seeded(session.testbed(), MODEL, new Shop.Size(orders / 10, orders, LINES))) {
            Path configuration = shop.configuration(
                    "  " + MODEL + ":\n    mirror: [public.order_lines]\n    to: {dw: " + MODEL + "}\n");
            try (Worker worker = shop.run(configuration)) {
                awaitRows(shop, worker, orders * LINES);
                List<Measurement> measured = new ArrayList<>(measure(session, shop, configuration, orders));
                measured.add(commits(session, shop, configuration, orders));
                return measured;
            }
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + e.getMessage(), e);
        }
    }

    private static void awaitRows(Shop shop, Worker worker, long rows) throws SQLException, InterruptedException {
        try (Connection warehouse = shop.connectWarehouse();
                Statement statement = warehouse.createStatement()) {
            worker.await(() -> {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                return count(statement) == rows;
            });
            statement.execute("VACUUM ANALYZE " + TABLE);
        }
        shop.execute("VACUUM ANALYZE order_lines");
    }

    private static long count(Statement statement) {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM " + TABLE)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            return 0; // there is no such table yet
        }
    }

    private static List<Measurement> measure(Session session, Shop shop, Path configuration, long orders)
            throws SQLException, IOException, InterruptedException {
        List<Double> bare = new ArrayList<>();
        List<Double> equal = new ArrayList<>();
        List<Double> differing = new ArrayList<>();
        try (Connection source = shop.connect();
                Connection warehouse = shop.connectWarehouse()) {
            for (int pair = 0; pair < session.pairs(); pair++) {
                bare.add(Math.max(scan(source, "order_lines"), scan(warehouse, TABLE)));
                equal.add(reconcile(shop, configuration, 0));
                change(warehouse, 1);
                differing.add(reconcile(shop, configuration, orders / DIFFERING));
                change(warehouse, -1);
                session.say(String.format(
                        Locale.ROOT,
                        "  bare scan %.1f s, equal %.1f s, differing %.1f s",
                        bare.get(pair),
                        equal.get(pair),
                        differing.get(pair)));
            }
        }
        String bound = String.format(
                Locale.ROOT,
                "both sides print and hash every row, beside each other; start-up; bare %.1f s",
                median(bare));
        return List.of(
                new Measurement(
                        "reconcile of an equal mirror: the slower side's bare scan",
                        median(bare) / median(equal),
                        "x",
                        EQUAL_TARGET,
                        bound,
                        details(equal)),
                new Measurement(
                        "reconcile with 0.01 % differing: time of an equal one",
                        median(differing) / median(equal),
                        "",
                        DIFFERING_TARGET,
                        "keys are hashed once more to find those of the buckets that differ",
                        details(differing)));
    }

    /** What somebody else's transactions take beside a reconciliation, by what they take alone. */
    private static Measurement commits(Session session, Shop shop, Path configuration, long orders)
            throws SQLException, IOException, InterruptedException {
        List<Double> means = new ArrayList<>();
        Series alone = new Series();
        Series beside = new Series();
        try (SourceCommits commits = new SourceCommits(shop, orders)) {
            for (int pair = 0; pair < session.pairs(); pair++) {
                LockSupport.parkNanos(ALONE.toNanos());
                Histogram before = commits.taken();
                double seconds = reconcile(shop, configuration, 0);
                Histogram during = commits.taken();
                alone.add(before);
                beside.add(during);
                means.add(during.getMean() / before.getMean());
                session.say(String.format(
                        Locale.ROOT,
                        "  transactions alone %s, beside %s; reconciled in %.1f s",
                        alone.last(),
                        beside.last(),
                        seconds));
            }
        }
        ObjectNode details = Json.object();
        details.set("alone", alone.toJson());
        details.set("beside", beside.toJson());
        String bound = String.format(
                Locale.ROOT,
                "%d/s, %.2f ms alone; one core for each side's scan, two for everything",
                SourceCommits.RATE,
                alone.p50());
        return new Measurement(
                "transactions beside reconcile: time of the same alone",
                median(means),
                "",
                COMMITS_TARGET,
                bound,
                details);
    }

    private static double scan(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET max_parallel_workers_per_gather = 0");
            long startNanos = System.nanoTime();
            statement.execute(SCAN + table);
            return (System.nanoTime() - startNanos) / 1e9;
        }
    }

    private static void change(Connection warehouse, int by) throws SQLException {
        try (Statement statement = warehouse.createStatement()) {
            statement.execute("UPDATE " + TABLE + " SET quantity = quantity + " + by
                    + " WHERE line_no = 1 AND order_id % " + DIFFERING + " = 0");
        }
    }

    /** Seconds of the whole process, which must find so many rows. */
    private static double reconcile(Shop shop, Path configuration, long differing)
            throws IOException, InterruptedException {
        Path report = Files.createTempFile(shop.testbed().directory(), "report-", ".json");
        List<String> arguments =
                List.of("reconcile", MODEL, "-c", configuration.toString(), "--report", report.toString());
        try (Worker worker = Worker.jvm(shop.testbed(), Worker.HEAP_MB, Main.class, arguments)) {
            worker.awaitEnd(differing == 0 ? 0 : 1);
            JsonNode found =
                    Json.parse(Files.readAllBytes(report)).path("reports").path(0);
            if (found.path("drift_count").asLong(-1) != differing) {
                throw new IllegalStateException("It did not find " + differing + " rows: " + found.path("drift_count"));
            }
            return worker.seconds();
        }
    }

    private static double median(List<Double> values) {
        return Measurement.median(
                values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static ObjectNode details(List<Double> seconds) {
        ObjectNode json = Json.object();
        ArrayNode each = json.putArray("seconds");
        seconds.forEach(each::add);
        return json;
    }
}
