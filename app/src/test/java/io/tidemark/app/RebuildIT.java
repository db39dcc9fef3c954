package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.app.run.GenerationPlans;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.Rebuilds;
import io.tidemark.app.run.Slice;
import io.tidemark.app.run.UnservedStores;
import io.tidemark.model.Json;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Generations beside each other, promoted, taken back and dropped, by the commands. */
class RebuildIT {

    private static final long SEED = 41;
    private static final String FILE = """
            source: {url: "${SOURCE_URL}", user: "${SOURCE_USER}", password: "${SOURCE_PASSWORD}", tables: [public.*]}
            kafka: {bootstrap.servers: "${KAFKA_SERVERS}", prefix: shop, partitions: 2}
            stores:
              search: {elasticsearch: {url: "${SEARCH_URL}"}}
              cache: {redis: {url: "${CACHE_URL}"}}
              dw: {sql: {url: "${WAREHOUSE_URL}", user: "${WAREHOUSE_USER}", password: "${WAREHOUSE_PASSWORD}"}}
            read-models:
              order-search:
                document: public.orders
                fields: [id, status]
                where: "id <> 9"
                to: {search: orders, cache: "order:{id}", dw: reporting.orders}
              tables:
                mirror: [public.orders, public.order_lines]
                to: {dw: shop}
            """;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private final List<MainProcess> processes = new ArrayList<>();
    private Slice slice;
    private Commands commands;
    private String model;
    private String mirror;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "rebuild", Files.writeString(directory.resolve("written.yml"), FILE));
        slice.seedShop(SEED, 20, 10, 60);
        commands = new Commands(slice);
        model = slice.model("order-search");
        mirror = slice.model("tables");
    }

    @AfterEach
    void close() throws Exception {
        for (MainProcess process : processes) {
            process.kill();
        }
        slice.close();
    }

    @Test
    void a_changed_definition_is_built_beside_the_live_one_and_given_to_readers_when_it_is_right() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.stop();
        edit(text -> text.replace("[id, status]", "[id, status, total]").replace("id <> 9", "id <> 11"));
        slice.start();
        set(7, "paid");
        assertEverywhere(7, old("paid"));
        run(0, "reconcile", "--all");
        Set<String> topics = topics();

        run(0, "rebuild", model);
        assertThat(commands.out()).contains(model + "@2 is built");
        set(7, "shipped");
        assertEverywhere(7, old("shipped"));
        assertEverywhere(9, "");
        run(0, "reconcile", "--all");

        run(0, "promote", model);
        assertEverywhere(7, young("shipped"));
        assertThat(everywhere(9)).doesNotContain("");
        assertEverywhere(11, "");
        set(7, "new");
        set(11, "paid");
        assertEverywhere(7, young("new"));
        assertEverywhere(11, "");
        run(0, "reconcile", "--all");

        run(0, "rollback", model);
        run(0, "rollback", model);
        assertThat(commands.out()).contains(model + "@1 is live");
        assertEverywhere(7, old("new"));
        assertEverywhere(9, "");
        assertThat(everywhere(11)).doesNotContain("");
        run(0, "reconcile", "--all");
        run(2, "drop", model, "1");
        run(2, "drop", model, "9");
        run(0, "drop", model, "2");
        set(7, "paid");
        assertEverywhere(7, old("paid"));
        run(0, "reconcile", "--all");
        assertNothingIsLeftOf(2);
        Awaitility.await().untilAsserted(() -> assertThat(topics()).isEqualTo(topics));
    }

    @Test
    void what_was_decided_is_finished_or_taken_back_by_the_command_that_is_run_again() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.stop();
        edit(text -> text.replace("[id, status]", "[id, status, total]"));
        slice.start();
        run(0, "rebuild", model);
        try (GenerationRegistry registry =
                new GenerationRegistry(slice.plan().kafkaClient(), slice.plan().topics())) {
            registry.change(model, now -> now.orElseThrow().promoting(2));
            run(0, "rollback", model);
            assertThat(registry.read(model).orElseThrow().live()).isEqualTo(1);
            assertEverywhere(7, old(status(7)));

            registry.change(model, now -> now.orElseThrow().promoting(2));
            run(0, "rebuild", model, "--promote", "auto");
            assertThat(commands.out()).contains(model + "@2 is live");
            assertEverywhere(7, young(status(7)));

            registry.change(model, now -> now.orElseThrow().promoting(1));
            run(0, "rollback", model);
            assertThat(commands.out()).contains(model + "@1 is live");
            Plan first = GenerationPlans.live(slice.plan());
            run(0, "rollback", model, "2");
            assertEverywhere(7, young(status(7)));
            assertThat(UnservedStores.of(first, first.models()).of(model, "search"))
                    .as("whoever looked at the first one meanwhile")
                    .hasValueSatisfying(
                            why -> assertThat(why).contains("meanwhile readers were given " + model + "@2"));
            assertNothingIsFreshThatReadersMayNotHave(registry);
        }
    }

    private void assertNothingIsFreshThatReadersMayNotHave(GenerationRegistry registry) throws Exception {
        String token = slice.token().toString();
        run(0, "wait", token, model);
        slice.stop();
        run(0, "wait", token, model, "--timeout", "0");
        try (Rebuilds rebuilds = new Rebuilds(slice.plan())) {
            assertThat(rebuilds.begin(model)).isEqualTo(3);
        }
        registry.change(model, now -> now.orElseThrow().promoting(3));
        run(1, "wait", token, model, "--timeout", "0");
        registry.change(model, now -> now.orElseThrow().promoting(2));
        run(0, "wait", token, model, "--timeout", "0");
    }

    @Test
    void a_store_that_gives_readers_something_else_is_said_and_is_switched_again() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.stop();
        edit(text -> text.replace("[id, status]", "[id, status, total]"));
        slice.start();
        run(0, "rebuild", model, "--promote", "auto");
        slice.stop();
        // As if the server had been set back to before the promotion.
        send("/_aliases", """
                {"actions": [{"remove": {"index": "*", "alias": "ALIAS"}}, {"add": {"index": "ALIAS-1", "alias": "ALIAS"}}]}
                """.replace("ALIAS", alias()));
        run(2, "reconcile", model, "--timeout", "1");
        assertThat(commands.out()).contains("gives readers another generation");
        run(1, "status");
        assertThat(commands.err()).contains("gives readers another generation");
        slice.start();
        Awaitility.await().untilAsserted(() -> assertEverywhere(7, young(status(7))));
        run(0, "reconcile", model);
    }

    private String status(int id) throws SQLException {
        return query(slice.source(), "SELECT status FROM orders WHERE id = " + id);
    }

    private static void send(String path, String json) throws IOException, InterruptedException {
        URI uri = URI.create(SharedStack.elasticsearch().url() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
        assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    /** Those of this slice, of models that never ran in another test. */
    private Set<String> topics() throws Exception {
        try (Admin admin = Admin.create(new HashMap<>(slice.plan().kafkaClient()))) {
            return admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(slice.plan().topics().prefix() + "."))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void whoever_is_killed_a_rebuild_ends_right_and_readers_have_whole_answers_throughout() throws Exception {
        MainProcess running = start("run");
        running.awaitSaying("running:");
        run(0, "wait", slice.token().toString(), "--timeout", "120");
        edit(text -> text.replace("[id, status]", "[id, status, total]").replace("public.order_lines]", "public.*]"));
        run(0, "plan");
        assertThat(commands.out())
                .contains(model + ": @1 live")
                .contains("~ fields: [\"id\",\"status\"] -> [\"id\",\"status\",\"total\"]")
                .contains("rebuild: generation 2, all its content made from the change topics")
                .contains("~ mirror: ");

        try (Polled polled = new Polled()) {
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(
                    () -> new ShopTraffic(slice::source).run(new ShopTraffic.Plan(SEED, 500, 20, 2), commit -> {}));
            MainProcess rebuilding = start("rebuild", model, "--promote", "auto");
            rebuilding.awaitSaying("building " + model + "@2");
            running.runFor(2_000);
            rebuilding.kill();
            running.kill();
            running = start("run");
            running.awaitSaying("running:");
            run(0, "rebuild", model, "--promote", "auto");
            assertThat(commands.out()).contains(model + "@2 is live");

            rebuilding = start("rebuild", mirror, "--promote", "auto");
            rebuilding.awaitSaying("building " + mirror + "@2");
            running.kill();
            running = start("run");
            assertThat(rebuilding.awaitEnd()).as(rebuilding.said()).isZero();

            // What is left of a command that is killed as soon as it has decided.
            try (GenerationRegistry registry = new GenerationRegistry(
                    slice.plan().kafkaClient(), slice.plan().topics())) {
                for (String each : List.of(model, mirror)) {
                    // Of the other one nothing is left unfinished.
                    registry.change(each, now -> now.orElseThrow().promoting(1));
                    Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> registry.read(each)
                            .filter(now -> now.live() == 1 && now.next() == 0)
                            .isPresent());
                }
            }
            traffic.get();
            run(0, "rollback", model, "2");
            assertThat(polled.answers()).isGreaterThan(20);
        }
        run(0, "reconcile", "--all", "--timeout", "120");
        run(0, "plan", "--json");
        assertThat(Json.parse(commands.out()).at("/read_models/0/changed").booleanValue())
                .isFalse();
        assertThat(Json.parse(commands.out()).at("/read_models/1/changed").booleanValue())
                .isTrue();
        running.requireAlive();
    }

    /** Reads again and again what applications read, and keeps what was wrong with an answer. */
    private final class Polled implements AutoCloseable {

        private final AtomicInteger answers = new AtomicInteger();
        private final AtomicBoolean closed = new AtomicBoolean();
        private final CompletableFuture<Void> polling = CompletableFuture.runAsync(() -> {
            while (!closed.get()) {
                poll();
            }
        });

        private void poll() {
            try {
                for (String each : everywhere(1)) {
                    assertThat(each).matches("\\{\"id\":1,\"status\":\"[a-z]+\"(,\"total\":[0-9.]+)?}");
                }
                // At every commit an order's total is the sum over its lines.
                assertThat(
                                query(
                                        slice.warehouse(),
                                        "SELECT string_agg(o.id::text, ',') FROM shop.orders o WHERE o.total <> (SELECT"
                                                + " coalesce(sum(l.quantity * l.price), 0) FROM shop.order_lines l WHERE l.order_id = o.id)"))
                        .isEqualTo("null");
                answers.incrementAndGet();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        int answers() {
            if (polling.isCompletedExceptionally()) {
                polling.join();
            }
            return answers.get();
        }

        @Override
        public void close() {
            closed.set(true);
            polling.join();
        }
    }

    private MainProcess start(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-c", slice.configFile().toString()));
        if (arguments[0].equals("run")) {
            all.addAll(List.of("--state", directory.resolve("run").toString()));
        }
        MainProcess process = MainProcess.start(directory, all.toArray(String[]::new));
        processes.add(process);
        return process;
    }

    private void set(int id, String status) throws SQLException, InterruptedException {
        slice.execute("UPDATE orders SET status = '" + status + "' WHERE id = " + id);
        slice.awaitEverything();
    }

    private static String old(String status) {
        return "{\"id\":7,\"status\":\"" + status + "\"}";
    }

    private String young(String status) throws SQLException {
        String total = query(slice.source(), "SELECT total::text FROM orders WHERE id = 7");
        return old(status).replace("}", ",\"total\":" + total + "}");
    }

    private void run(int exitCode, String... arguments) {
        assertThat(commands.run(arguments)).as(commands::toString).isEqualTo(exitCode);
    }

    private void edit(UnaryOperator<String> change) throws IOException {
        String before = Files.readString(slice.configFile());
        String after = change.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(slice.configFile(), after);
    }

    private void assertEverywhere(int id, String document) throws Exception {
        assertThat(everywhere(id)).containsOnly(document);
    }

    /** The document as applications find it in each store, without what is Tidemark's own; empty where there is none. */
    private List<String> everywhere(int id) throws Exception {
        List<String> found = new ArrayList<>();
        found.add(source(id));
        try (Jedis jedis = new Jedis(URI.create(SharedStack.redis().url()))) {
            String key = slice.target("order-search", "cache").target().text().replace("{id}", "" + id);
            String value = jedis.get(key);
            found.add(value == null ? "" : withoutOurs(value));
        }
        String row = query(slice.warehouse(), "SELECT document::text FROM reporting.orders WHERE id = " + id);
        found.add(row.isEmpty() ? "" : withoutOurs(row));
        return found;
    }

    private String source(int id) throws IOException, InterruptedException {
        return get("/" + alias() + "/_doc/" + id).get("_source") instanceof ObjectNode source
                ? withoutOurs(Json.text(source))
                : "";
    }

    private String alias() {
        return slice.target("order-search", "search").target().text();
    }

    private static String withoutOurs(String json) {
        if (json.isEmpty()) {
            return "";
        }
        ObjectNode document = Json.parseObject(json);
        document.remove(List.of("_tidemark", "_tidemark_key", "_tidemark_generation"));
        return Json.canonical(document);
    }

    private static ObjectNode get(String path) throws IOException, InterruptedException {
        URI uri = URI.create(SharedStack.elasticsearch().url() + path);
        return Json.parseObject(HTTP.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body());
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    private void assertNothingIsLeftOf(int number) throws Exception {
        assertThat(get("/" + alias() + "-" + number + "/_settings").has("error"))
                .isTrue();
        try (Jedis jedis = new Jedis(URI.create(SharedStack.redis().url()))) {
            assertThat(jedis.keys("_tidemark:of:" + number + ":" + model + ":*"))
                    .isEmpty();
        }
        assertThat(query(slice.warehouse(), "SELECT to_regclass('reporting.\"orders@" + number + "\"')"))
                .isEqualTo("null");
    }
}
