package io.tidemark.benchmarks;

import io.tidemark.app.Main;
import io.tidemark.capture.CapturedState;
import io.tidemark.model.Lsn;
import io.tidemark.model.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/**
 * A source of four tables in a database of its own, and Tidemark on it: {@code tidemark run} as a process.
 *
 * @param name of the database, the slot, the publication and the topics
 */
record Shop(Testbed testbed, String name) implements AutoCloseable {

    /** How much is there before anything is measured; lines are those of each order. */
    record Size(long customers, long orders, int lines) {}

    private static final String WAREHOUSE = "_dw";
    private static final int PRODUCTS = 10_000;

    private static final String TABLES = """
            CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, tier text NOT NULL);
            CREATE TABLE products (id bigint PRIMARY KEY, sku text NOT NULL, name text NOT NULL, category text NOT NULL);
            CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, status text NOT NULL,
                revision bigint NOT NULL, placed_at timestamptz NOT NULL);
            CREATE TABLE order_lines (order_id bigint NOT NULL, line_no integer NOT NULL, product_id bigint NOT NULL,
                quantity integer NOT NULL, price numeric(12,2) NOT NULL, PRIMARY KEY (order_id, line_no));
            """;

    /** By {@code %s}: customers, products, orders, lines of each. */
    private static final String ROWS = """
            INSERT INTO customers SELECT id, 'Customer ' || md5(id::text), (ARRAY['basic', 'gold'])[1 + id %% 2]
                FROM generate_series(1, %1$s) id;
            INSERT INTO products SELECT id, 'SKU-' || id, 'The thing called ' || md5(id::text), 'category ' || id %% 20
                FROM generate_series(1, %2$s) id;
            INSERT INTO orders SELECT id, 1 + (id - 1) %% %1$s, (ARRAY['placed', 'paid', 'shipped'])[1 + id %% 3], 0,
                timestamptz '2026-01-01 00:00+00' + id * interval '1 second' FROM generate_series(1::bigint, %3$s) id;
            INSERT INTO order_lines SELECT id, line, 1 + (id * 7919 + line * 31) %% %2$s, 1 + (id + line) %% 9,
                ((id * 37 + line) %% 50000)::numeric / 100
                FROM generate_series(1::bigint, %3$s) id, generate_series(1, %4$s) line;
            """;

    /** Makes the database and its rows. */
    static Shop seeded(Testbed testbed, String name, Size size) {
        testbed.createDatabase(name);
        testbed.createDatabase(name + WAREHOUSE);
        Shop shop = new Shop(testbed, name);
        shop.execute(TABLES);
        shop.execute(ROWS.formatted(size.customers(), PRODUCTS, size.orders(), size.lines()));
        shop.execute("ANALYZE");
        return shop;
    }

    Topics topics() {
        return new Topics(name);
    }

    Connection connect() throws SQLException {
        return testbed.connect(name);
    }

    Connection connectWarehouse() throws SQLException {
        return testbed.connect(name + WAREHOUSE);
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + e.getMessage() + ": " + sql, e);
        }
    }

    /**
     * Writes a configuration.
     *
     * @param models its {@code read-models}, a YAML mapping indented by two
     */
    Path configuration(String models) throws IOException {
        return Files.writeString(Files.createTempFile(testbed.directory(), name + "-", ".yml"), """
                source: {url: "%1$s", user: "%2$s", password: "%3$s", tables: [public.*], slot: %4$s, publication: %4$s}
                kafka: {bootstrap.servers: "%5$s", prefix: %4$s, partitions: %6$s}
                stores:
                  search: {elasticsearch: {url: "%7$s"}}
                  cache: {redis: {url: "%8$s"}}
                  dw: {sql: {url: "%10$s", user: "%2$s", password: "%3$s"}}
                read-models:
                %9$s""".formatted(
                        testbed.jdbcUrl(name),
                        testbed.user(),
                        testbed.password(),
                        name,
                        testbed.bootstrapServers(),
                        Lane.PARTITIONS,
                        testbed.elasticsearchUrl(),
                        testbed.redisUrl(),
                        models,
                        testbed.jdbcUrl(name + WAREHOUSE)));
    }

    /** Runs capture and the read models; returns when both have started. */
    Worker run(Path configuration) throws IOException {
        String state = testbed.directory().resolve(name + "-state").toString();
        List<String> arguments = List.of("run", "--json", "-c", configuration.toString(), "--state", state);
        Worker worker = Worker.jvm(testbed, Worker.HEAP_MB, Main.class, arguments);
        try {
            worker.awaitSaying("running");
            return worker;
        } catch (IOException | RuntimeException e) {
            worker.close();
            throw e;
        }
    }

    /**
     * Runs capture until everything there is now is in the topics.
     *
     * @param model of the configuration; nothing is done with it
     * @return the read token of everything
     */
    Lsn capture(String model) throws IOException, InterruptedException {
        Lsn token = token();
        Map<String, String> client = Map.of("bootstrap.servers", testbed.bootstrapServers());
        List<String> arguments = List.of(
                "capture",
                "--json",
                "-c",
                configuration(ShopDocuments.yaml(model)).toString());
        try (Worker worker = Worker.jvm(testbed, Worker.HEAP_MB, Main.class, arguments)) {
            worker.awaitSaying("running");
            worker.await(() -> CapturedState.read(client, topics())
                    .filter(state -> !state.tidemark().lsn().isBefore(token))
                    .isPresent());
            worker.end();
        }
        return token;
    }

    private Lsn token() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL says no LSN", e);
        }
    }

    /** Compares every document and row with what the source's SQL says; throws unless all are the same. */
    void requireReconciled(Path configuration) throws IOException, InterruptedException {
        List<String> arguments = List.of("reconcile", "--all", "-c", configuration.toString());
        try (Worker worker = Worker.jvm(testbed, Worker.HEAP_MB, Main.class, arguments)) {
            worker.awaitEnd();
        }
    }

    @Override
    public void close() {
        testbed.dropSlot(name);
    }
}
