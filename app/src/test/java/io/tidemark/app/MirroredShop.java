package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Tidemark;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A few tables, their mirror in a warehouse, documents in Redis, and traffic. */
final class MirroredShop implements AutoCloseable {

    private final String sourceUrl = SharedStack.freshDatabase();
    private final String warehouseUrl = SharedStack.freshDatabase();
    private final String name = "mirrored_" + ProcessHandle.current().pid() + "_" + sourceUrl.replaceAll(".*_", "");
    private final Path configFile;
    private final Connection source;
    private @Nullable CaptureRunner capture;
    private @Nullable Pipeline pipeline;

    MirroredShop(Path directory, int customers) throws IOException, SQLException {
        configFile = directory.resolve(name + ".yml");
        Files.writeString(configFile, """
                source:
                  url: "%s"
                  user: %s
                  password: %s
                  tables: [public.*]
                  slot: %s
                  publication: %s
                  columns:
                    public.customers.email: mask
                    public.customers.phone: {hash: "a key of sixteen or more"}
                    public.customers.born: drop
                kafka: {bootstrap.servers: "%s", prefix: %s, partitions: 3}
                stores:
                  dw: {sql: {url: "%s", user: %s, password: %s}}
                  cache: {redis: {url: "%s"}}
                read-models:
                  warehouse: {mirror: [public.*], to: {dw: public}}
                  orders:
                    document: public.orders
                    fields: [id, total]
                    one: {customer: {table: public.customers, by: customer, fields: [id, name, phone]}}
                    to: {cache: "%s:{id}"}
                """.formatted(
                        sourceUrl,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password(),
                        name,
                        name,
                        SharedStack.kafka().bootstrapServers(),
                        name,
                        warehouseUrl,
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password(),
                        SharedStack.redis().url(),
                        name));
        source = connect(sourceUrl);
        execute("""
                CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone text, born date);
                CREATE TABLE orders (id int PRIMARY KEY, customer int, total numeric(12, 2), placed timestamptz);
                CREATE TABLE carts (customer int, product int, quantity int, PRIMARY KEY (customer, product));
                INSERT INTO customers SELECT i, 'name ' || i, i || '@example.com', '+49 ' || i, '2000-01-01' FROM generate_series(1, %d) i;
                INSERT INTO orders SELECT i, i, i * 1.10, now() FROM generate_series(1, 5000) i;
                INSERT INTO carts SELECT i, 1, 1 FROM generate_series(1, 100) i;
                """.formatted(customers));
    }

    Path configFile() {
        return configFile;
    }

    String slot() {
        return name;
    }

    Plan plan() {
        return PlanReader.read(TidemarkConfig.load(configFile));
    }

    /** Captures in this JVM. */
    void capture() throws InterruptedException {
        CaptureRunner runner = new CaptureRunner(plan().capture(), SnapshotProgress.NONE);
        capture = runner;
        runner.start();
        runner.awaitCovered();
    }

    /** Captures and builds the read models in this JVM; returns when they have what is committed now. */
    void run() throws InterruptedException, SQLException {
        Pipeline next = new Pipeline(plan(), configFile.resolveSibling("state"), (place, tidemark) -> {});
        pipeline = next;
        next.start(SnapshotProgress.NONE);
        assertThat(next.await(Tidemark.token(source), Duration.ofSeconds(60))).isTrue();
    }

    void stop() {
        if (capture != null) {
            capture.close();
            capture = null;
        }
        if (pipeline != null) {
            pipeline.close();
            pipeline = null;
        }
    }

    void execute(String sql) throws SQLException {
        execute(source, sql);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
    }

    /** What a query answers in the source. */
    List<String> inSource(String query) throws SQLException {
        return rows(source, query);
    }

    /** The same in the warehouse. */
    List<String> inWarehouse(String query) throws SQLException {
        try (Connection warehouse = connect(warehouseUrl)) {
            return rows(warehouse, query);
        }
    }

    private static List<String> rows(Connection connection, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    /** Traffic until it is closed, by two sessions. */
    final class Traffic implements AutoCloseable {

        private final CountDownLatch stopping = new CountDownLatch(1);
        private final AtomicInteger committed = new AtomicInteger();
        private final List<CompletableFuture<Void>> sessions = new ArrayList<>();

        Traffic(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 2; i++) {
                SplittableRandom own = random.split();
                sessions.add(CompletableFuture.runAsync(() -> work(own)));
            }
        }

        /** Waits until some transactions more are committed. */
        void awaitMore(int transactions) {
            int until = committed.get() + transactions;
            Awaitility.await("traffic").until(() -> {
                sessions.stream().filter(CompletableFuture::isDone).forEach(CompletableFuture::join);
                return committed.get() >= until;
            });
        }

        private void work(SplittableRandom random) {
            try (Connection connection = connect(sourceUrl)) {
                while (stopping.getCount() > 0) {
                    execute(connection, transaction(random));
                    committed.incrementAndGet();
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Returns when every transaction has ended. */
        @Override
        public void close() {
            stopping.countDown();
            sessions.forEach(CompletableFuture::join);
        }
    }

    /** Each session locks rows in the order of their keys. */
    private static String transaction(SplittableRandom random) {
        int id = random.nextInt(1, 6000);
        return switch (random.nextInt(7)) {
            case 0 -> "DELETE FROM orders WHERE id = " + id;
            case 1, 2 ->
                "INSERT INTO orders VALUES (" + id + ", 1, 1.10, now()) ON CONFLICT (id) DO UPDATE SET total = "
                        + "orders.total + 0.10";
            case 3 -> "UPDATE customers SET name = name || '+', email = email || '+' WHERE id = " + id;
            case 4 ->
                "INSERT INTO carts VALUES (" + id
                        + ", 1, 1) ON CONFLICT (customer, product) DO UPDATE SET quantity = 2";
            case 5 -> "DELETE FROM carts WHERE customer = " + id;
            default ->
                "UPDATE orders SET id = -id WHERE id = " + id + " AND NOT EXISTS (SELECT FROM orders WHERE id = -" + id
                        + ")";
        };
    }

    @Override
    public void close() throws SQLException {
        stop();
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" + name
                + "' AND NOT active");
        source.close();
    }
}
