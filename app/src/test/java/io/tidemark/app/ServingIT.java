package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.Slice;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Tidemark;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.TcpProxy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real run serves over HTTP: metrics that agree with what was done, health by progress, fresh reads. */
@Timeout(300)
class ServingIT {

    private static final int ORDERS = 100;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern SERVING = Pattern.compile("serving /metrics, /health and /wait on (http://\\S+)");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static Slice slice;
    private static TcpProxy redis;
    private static RunningCommand run;

    /** A command in a thread of this process; interrupting that stops it. */
    private static final class RunningCommand {

        private final StringWriter err = new StringWriter();
        private final Thread thread;
        private volatile int exitCode = -1;

        RunningCommand(String... arguments) {
            thread = new Thread(
                    () -> exitCode =
                            Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), arguments),
                    "run-under-test");
            thread.start();
        }

        String url() {
            Awaitility.await(err.toString())
                    .atMost(PATIENCE)
                    .until(() -> SERVING.matcher(err.toString()).find() || !thread.isAlive());
            Matcher serving = SERVING.matcher(err.toString());
            assertThat(serving.find()).as(err.toString()).isTrue();
            return serving.group(1);
        }

        void awaitSaying(String words) {
            Awaitility.await().atMost(PATIENCE).until(() -> err.toString().contains(words) || !thread.isAlive());
            assertThat(err.toString()).contains(words);
        }

        void stop() throws InterruptedException {
            thread.interrupt();
            thread.join(PATIENCE.toMillis());
            assertThat(exitCode).as(err.toString()).isEqualTo(Shutdown.Stopped.EXIT_CODE);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        slice = new Slice(directory, "shop");
        slice.seedShop(11, 40, 20, ORDERS);
        redis = TcpProxy.to(() -> SharedStack.redis().port());
        String text = Files.readString(slice.configFile())
                .replace(":" + SharedStack.redis().port(), ":" + redis.port());
        Files.writeString(slice.configFile(), text + "\nhttp: {listen: \"127.0.0.1:0\", unhealthy-after: 3s}\n");
        run = new RunningCommand(
                "run",
                "-c",
                slice.configFile().toString(),
                "--state",
                slice.state().toString());
        run.awaitSaying("running:");
        assertThat(get("/wait?timeout=2m&token=" + token()).statusCode()).isEqualTo(200);
    }

    @AfterAll
    static void stop() throws Exception {
        if (run != null) {
            run.stop();
        }
        if (redis != null) {
            redis.close();
        }
        slice.close();
    }

    private static HttpRequest request(String base, String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE).build();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(request(run.url(), path), BodyHandlers.ofString());
    }

    private static PrometheusText metrics() throws Exception {
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        return new PrometheusText(answer.body());
    }

    /** As it stands in a URL. */
    private static String token() throws Exception {
        return slice.token().toString().replace("/", "%2F");
    }

    private static String documents(String model, String store, String outcome) {
        return "tidemark_writer_documents_total{model=\"" + slice.model(model) + "\",outcome=\"" + outcome
                + "\",store=\"" + store + "\"}";
    }

    private static void update(int id, String total) throws Exception {
        slice.execute("UPDATE orders SET total = " + total + " WHERE id = " + id);
    }

    private static double seededRows() throws Exception {
        try (Connection connection = slice.source();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM customers)"
                        + " + (SELECT count(*) FROM products) + (SELECT count(*) FROM orders)"
                        + " + (SELECT count(*) FROM order_lines) + (SELECT count(*) FROM payments)")) {
            row.next();
            return row.getDouble(1);
        }
    }

    private static String place(String model, String store) {
        return "{model=\"" + slice.model(model) + "\",store=\"" + store + "\"}";
    }

    /** Metrics as of a moment when everything committed before is applied, and counted: the claim comes after the count. */
    private static PrometheusText settled() throws Exception {
        assertThat(get("/wait?timeout=2m&token=" + token()).statusCode()).isEqualTo(200);
        List<String> places =
                List.of(place("order-search", "search"), place("order-search", "cache"), place("warehouse", "dw"));
        AtomicReference<PrometheusText> newest = new AtomicReference<>();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            PrometheusText now = metrics();
            newest.set(now);
            double captured = now.value("tidemark_capture_tidemark_number{}");
            return places.stream().allMatch(place -> now.value("tidemark_writer_tidemark_number" + place) == captured);
        });
        return newest.get();
    }

    @Test
    void metrics_agree_with_what_was_done() throws Exception {
        int updates = 25;
        PrometheusText before = settled();
        for (int i = 1; i <= updates; i++) {
            update(i, i + ".75");
        }
        PrometheusText now = settled();
        for (String name : List.of(
                documents("order-search", "search", "applied"),
                documents("order-search", "cache", "applied"),
                documents("warehouse", "dw", "applied"),
                "tidemark_capture_transactions_total{}",
                "tidemark_capture_changes_total{}")) {
            assertThat(now.value(name) - before.value(name)).as(name).isEqualTo(updates);
        }
        assertThat(now.value("tidemark_capture_snapshot_rows_total{}")).isEqualTo(seededRows());
        assertThat(now.value("tidemark_capture_reads_slot{}")).isEqualTo(1);
        assertThat(now.value("tidemark_capture_commit_seconds_count{}")).isPositive();
        assertThat(now.value("tidemark_capture_tidemark_age_seconds{}")).isBetween(0.0, 120.0);
        double committed = now.value("tidemark_capture_last_commit_timestamp_seconds{}");
        assertThat(System.currentTimeMillis() / 1e3 - committed).isBetween(0.0, 600.0);
        assertThat(now.value("tidemark_slot_retained_bytes{}")).isPositive();
        for (String store : List.of("search", "cache")) {
            String labels = place("order-search", store);
            assertThat(now.value("tidemark_writer_tidemark_age_seconds" + labels))
                    .isBetween(0.0, 120.0);
            assertThat(now.value("tidemark_writer_write_seconds_sum" + labels)).isPositive();
            assertThat(now.value("tidemark_writer_batch_documents_sum" + labels))
                    .isEqualTo(now.value(documents("order-search", store, "applied"))
                            + now.value(documents("order-search", store, "stale"))
                            + now.value(documents("order-search", store, "retriable")));
        }
        String model = "{model=\"" + slice.model("order-search") + "\"}";
        assertThat(now.value("tidemark_assembler_running" + model)).isEqualTo(1);
        assertThat(now.value("tidemark_assembler_emitted_records_total" + model))
                .isGreaterThanOrEqualTo(updates);
        assertThat(now.value("tidemark_assembler_processed_records_total" + model))
                .isGreaterThanOrEqualTo(updates);
        assertThat(now.value("tidemark_assembler_tidemark_age_seconds" + model)).isBetween(0.0, 120.0);
        assertThat(now.families("jvm_")).contains("jvm_memory_used_bytes", "jvm_threads_live_threads");
        assertThat(now.families("process_")).contains("process_uptime_seconds", "process_cpu_usage");

        String documented = Files.readString(Path.of("..", "docs", "metrics.md"));
        assertThat(now.families("tidemark_")).hasSizeGreaterThan(20).allSatisfy(name -> assertThat(documented)
                .contains("`" + name + "`"));
    }

    private static List<String> stopped(JsonNode health) {
        return StreamSupport.stream(health.get("parts").spliterator(), false)
                .filter(part -> part.get("standing").textValue().equals("stopped"))
                .map(part -> part.get("part").textValue())
                .toList();
    }

    @Test
    void a_store_cut_off_for_longer_than_the_threshold_makes_unhealthy_and_its_return_heals() throws Exception {
        Awaitility.await().atMost(PATIENCE).until(() -> get("/health").statusCode() == 200);
        String cache = "writer of " + slice.model("order-search") + " in cache";
        redis.hold();
        try {
            update(1, "1.01");
            Awaitility.await().atMost(PATIENCE).until(() -> get("/health").statusCode() == 503);
            JsonNode health = Json.parse(get("/health").body());
            assertThat(health.get("healthy").booleanValue()).isFalse();
            assertThat(health.get("parts")).hasSize(5);
            assertThat(stopped(health)).containsExactly(cache);
            JsonNode part = StreamSupport.stream(health.get("parts").spliterator(), false)
                    .filter(each -> each.get("part").textValue().equals(cache))
                    .findFirst()
                    .orElseThrow();
            assertThat(part.get("waits_for").textValue()).isEqualTo("the store's answer");
            assertThat(part.get("seconds").longValue()).isGreaterThanOrEqualTo(3);

            String model = "&model=" + slice.model("order-search");
            HttpResponse<String> held = get("/wait?store=cache&timeout=0s&token=" + token() + model);
            assertThat(held.statusCode()).isEqualTo(504);
            assertThat(Json.parse(held.body()).at("/read_models/0/error").textValue())
                    .isEqualTo("the store does not answer");
            assertThat(get("/wait?store=search&token=" + token() + model).statusCode())
                    .isEqualTo(200);
        } finally {
            redis.release();
        }
        Awaitility.await().atMost(PATIENCE).until(() -> get("/health").statusCode() == 200);
        assertThat(get("/wait?timeout=2m&token=" + token()).statusCode()).isEqualTo(200);
    }

    /** Readers of one read model in one store, for several threads. */
    private record Place(ReadModel model, Target target, BlockingQueue<DocumentReader> readers) {

        static Place of(StoreAccess stores, ReadModel model, Target target) {
            BlockingQueue<DocumentReader> readers = new ArrayBlockingQueue<>(2);
            readers.add(stores.reader(model, target));
            readers.add(stores.reader(model, target));
            return new Place(model, target, readers);
        }

        JsonNode total(int id) {
            RowKey key = new RowKey("{\"id\":" + id + "}");
            boolean document = model.name().equals(slice.model("order-search"));
            DocumentReader reader = readers.remove();
            try {
                return reader.get(document ? model.name() : "public.orders", List.of(key))
                        .get(key)
                        .body()
                        .get("total");
            } finally {
                readers.add(reader);
            }
        }
    }

    @Test
    void hundreds_who_wait_at_once_each_read_what_they_wrote() throws Exception {
        Plan plan = slice.plan();
        StoreAccess stores = StoreAccess.ofCaptured(plan);
        List<Place> places = plan.models().stream()
                .flatMap(model -> plan.targets(model).stream().map(target -> Place.of(stores, model, target)))
                .toList();
        assertThat(places).hasSize(3);
        // No more threads than there are readers of a place.
        ExecutorService reading = Executors.newFixedThreadPool(2);
        List<CompletableFuture<Void>> waits = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            try (Connection connection = slice.source();
                    Statement statement = connection.createStatement()) {
                for (int id = 1; id <= ORDERS; id++) {
                    String total = (1000 * round + id) + ".50";
                    statement.execute("UPDATE orders SET total = " + total + " WHERE id = " + id);
                    String token = Tidemark.token(connection).toString().replace("/", "%2F");
                    waits.add(waitAndRead(places.get(id % places.size()), id, total, token, reading));
                }
            }
            for (CompletableFuture<Void> each : waits) {
                each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        }
        assertThat(waits).hasSize(2 * ORDERS);
        reading.shutdownNow();
        places.forEach(place -> place.readers().forEach(DocumentReader::close));
    }

    private static CompletableFuture<Void> waitAndRead(
            Place place, int id, String total, String token, ExecutorService reading) {
        String path = "/wait?timeout=2m&token=" + token + "&model="
                + place.model().name() + "&store=" + place.target().store();
        return CLIENT.sendAsync(request(run.url(), path), BodyHandlers.ofString())
                .thenAcceptAsync(
                        answer -> {
                            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                            assertThat(place.total(id).decimalValue())
                                    .as("order %s in %s", id, place.target().store())
                                    .isEqualByComparingTo(total);
                        },
                        reading);
    }

    @Test
    void what_cannot_be_waited_for_is_refused_by_name() throws Exception {
        assertThat(get("/wait").body()).contains("parameter 'token' is missing");
        HttpResponse<String> bad = get("/wait?token=now");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("'now' is no read token; 'tidemark token' prints one");
        HttpResponse<String> unknown = get("/wait?model=nope&token=0%2F1");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("No read model 'nope'", slice.model("order-search"));
        HttpResponse<String> elsewhere = get("/wait?store=dw&token=0%2F1&model=" + slice.model("order-search"));
        assertThat(elsewhere.statusCode()).isEqualTo(400);
        assertThat(elsewhere.body()).contains("no such read model in store 'dw'");
        assertThat(get("/wait?token=0%2F1&timeout=10").statusCode()).isEqualTo(400);
        assertThat(get("/wait?token=0%2F1&timeout=6m").statusCode()).isEqualTo(400);
        assertThat(get("/health?x=1").statusCode()).isEqualTo(400);
        HttpResponse<String> late = get("/wait?timeout=0s&token=FFFF%2F0&model=" + slice.model("warehouse"));
        assertThat(late.statusCode()).isEqualTo(504);
        JsonNode stale = Json.parse(late.body());
        assertThat(stale.get("fresh").booleanValue()).isFalse();
        assertThat(stale.at("/read_models/0/behind_bytes").longValue()).isGreaterThan(0xFFF0_0000_0000L);
    }

    @Test
    void a_capture_that_stands_by_is_healthy_and_says_so() throws Exception {
        RunningCommand second =
                new RunningCommand("capture", "-c", slice.configFile().toString());
        try {
            String url = second.url();
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
                HttpResponse<String> health = CLIENT.send(request(url, "/health"), BodyHandlers.ofString());
                assertThat(health.body()).contains("{\"part\":\"capture\",\"standing\":\"idle\"}");
                assertThat(health.statusCode()).isEqualTo(200);
            });
            HttpResponse<String> metrics = CLIENT.send(request(url, "/metrics"), BodyHandlers.ofString());
            assertThat(new PrometheusText(metrics.body()).value("tidemark_capture_reads_slot{}"))
                    .isZero();
        } finally {
            second.stop();
        }
    }

    @Test
    void an_address_that_is_taken_ends_the_command_before_it_begins() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path file = directory.resolve("taken.yml");
            Files.writeString(
                    file,
                    Files.readString(slice.configFile())
                            .replace("127.0.0.1:0\"", "127.0.0.1:" + taken.getLocalPort() + "\""));
            for (String command : List.of("run", "capture")) {
                StringWriter err = new StringWriter();
                assertThat(Main.run(
                                new PrintWriter(new StringWriter()),
                                new PrintWriter(err, true),
                                command,
                                "-c",
                                file.toString()))
                        .isEqualTo(2);
                assertThat(err.toString())
                        .startsWith("tidemark: Cannot listen on 127.0.0.1:" + taken.getLocalPort())
                        .hasLineCount(1);
            }
        }
    }
}
