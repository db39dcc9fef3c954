package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.Json;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a new user gets wrong: each time one clear message, the right exit code, and nothing left behind. */
@Timeout(120)
class BadInputIT {

    private static final String NOWHERE = "127.0.0.1:1";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(BadSystems systems, String... arguments) throws IOException {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] all = Stream.concat(
                        Stream.of(arguments),
                        Stream.of("-c", systems.file(directory).toString()))
                .toArray(String[]::new);
        return Main.run(new PrintWriter(out), new PrintWriter(err), all);
    }

    private AbstractStringAssert<?> assertOneLine() {
        assertThat(err.toString().lines()).singleElement().asString().startsWith("tidemark: ");
        return assertThat(err.toString()).doesNotContain("internal error", "Exception", "null");
    }

    private static List<String> slotsOf(BadSystems systems) throws SQLException {
        try (Connection connection = systems.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT coalesce(string_agg(slot_name, ','), '')"
                        + " FROM pg_replication_slots WHERE slot_name = '" + systems.name() + "'")) {
            row.next();
            return row.getString(1).isEmpty() ? List.of() : List.of(row.getString(1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'password: \"postgres\", tables', 'password: \"canary\", tables', refuses user 'postgres'",
        "'user: \"postgres\", password: \"postgres\", tables', 'user: \"ghost\", password: \"canary\", tables', 'ghost'",
        "'URL\", user', 'URL_gone\", user', 'does not exist. Check the database name in source.url'",
        "'source: {url: \"jdbc:postgresql://127.0.0.1:', 'source: {url: \"jdbc:postgresql://no.such.invalid:',"
                + " there is no host no.such.invalid",
        "'source: {url: \"jdbc:postgresql://127.0.0.1:', 'source: {url: \"jdbc:postgresql://127.0.0.1:1/x?y=',"
                + " Connection to 127.0.0.1:1 refused. Check source.url",
    })
    void a_source_that_cannot_be_read_is_one_line_that_says_what_to_check(String what, String instead, String said)
            throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers();
        systems.with(what.replace("URL", systems.sourceUrl()), instead.replace("URL", systems.sourceUrl()));
        for (String command : List.of("check", "run", "status")) {
            assertThat(run(systems, command)).as(command).isEqualTo(3);
            assertOneLine()
                    .contains("The source database jdbc:postgresql://", said)
                    .doesNotContain("canary\"", "..");
        }
    }

    @Test
    void a_server_of_another_kind_at_the_sources_address_is_not_waited_for_without_end() throws Exception {
        BadSystems systems = BadSystems.onSharedServers();
        systems.with(
                systems.sourceUrl(),
                "jdbc:postgresql://127.0.0.1:" + SharedStack.redis().port() + "/shop");
        assertThat(run(systems, "check")).isEqualTo(3);
        assertOneLine().contains("cannot be reached");
    }

    @Test
    void check_names_every_system_that_does_not_answer_at_once() throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers();
        systems.with(systems.sourceUrl(), "jdbc:postgresql://" + NOWHERE + "/shop");
        systems.with(SharedStack.kafka().bootstrapServers(), NOWHERE);
        systems.with(SharedStack.elasticsearch().url(), "http://" + NOWHERE);
        systems.with(SharedStack.redis().url(), "redis://" + NOWHERE);
        systems.with("127.0.0.1:" + SharedStack.postgres().port(), NOWHERE);
        long started = System.nanoTime();
        assertThat(run(systems, "check", "--json")).isEqualTo(3);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(40));
        assertThat(err.toString().lines())
                .hasSize(5)
                .anySatisfy(line -> assertThat(line).contains("The source database"))
                .anySatisfy(line -> assertThat(line).contains("Kafka at " + NOWHERE + " does not answer"))
                .anySatisfy(line -> assertThat(line).contains("Elasticsearch at http://" + NOWHERE))
                .anySatisfy(line -> assertThat(line).contains("Redis at redis://" + NOWHERE))
                .anySatisfy(line -> assertThat(line).contains("The warehouse jdbc:postgresql://" + NOWHERE));
        JsonNode error = Json.parse(out.toString()).required("error");
        assertThat(error.required("code").textValue()).isEqualTo("UNREACHABLE");
    }

    @Test
    void what_only_a_change_can_mend_decides_the_exit_code() throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers()
                .with("document: public.orders", "document: public.order")
                .with(SharedStack.redis().url(), "redis://" + NOWHERE);
        assertThat(run(systems, "check")).isEqualTo(2);
        assertThat(err.toString())
                .contains("no table 'public.order' with a primary key; did you mean 'public.orders'?")
                .contains("Redis at redis://" + NOWHERE);
    }

    @ParameterizedTest
    @CsvSource({"localhost, 2, host:port", "no.such.invalid:9092, 3, none of its hosts is known"})
    void a_kafka_address_that_is_none_is_one_line(String servers, int exitCode, String said)
            throws SQLException, IOException {
        BadSystems systems =
                BadSystems.onSharedServers().with(SharedStack.kafka().bootstrapServers(), servers);
        assertThat(run(systems, "check")).isEqualTo(exitCode);
        assertOneLine().contains("Kafka at " + servers, said);
    }

    @Test
    void run_looks_at_the_stores_before_it_makes_a_slot() throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers()
                .with("password: \"postgres\"}}", "password: \"canary\"}}")
                .with(SharedStack.elasticsearch().url(), "http://" + NOWHERE);
        assertThat(run(systems, "run")).isEqualTo(3);
        assertThat(err.toString().lines()).hasSize(2);
        assertThat(err.toString())
                .contains("refuses the credentials of user 'postgres'", "Elasticsearch at http://" + NOWHERE)
                .doesNotContain("canary");
        assertThat(slotsOf(systems)).isEmpty();
    }

    @Test
    void a_table_without_a_key_and_a_type_that_cannot_be_captured_are_named_before_there_is_a_slot()
            throws SQLException, IOException {
        BadSystems internal =
                BadSystems.onSharedServers().sql("CREATE TABLE boxes (id int PRIMARY KEY, size pg_node_tree)");
        BadSystems keyless = BadSystems.onSharedServers().sql("CREATE TABLE notes (text text)");
        for (String command : List.of("check", "run")) {
            assertThat(run(internal, command)).isEqualTo(2);
            assertOneLine().contains("Column 'size' of public.boxes has type pg_node_tree", "source.tables");
            assertThat(run(keyless, command)).isEqualTo(2);
            assertOneLine()
                    .contains("No primary key: public.notes", "ALTER TABLE \"public\".\"notes\" ADD PRIMARY KEY");
        }
        assertThat(slotsOf(internal)).isEmpty();
    }

    @Test
    void two_tables_that_would_share_a_topic_are_named_before_there_is_a_slot() throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers()
                .sql("CREATE TABLE \"order s\" (id int PRIMARY KEY); CREATE TABLE \"order$s\" (id int PRIMARY KEY)");
        for (String command : List.of("check", "run", "capture")) {
            assertThat(run(systems, command)).as(command).isEqualTo(2);
            assertOneLine().contains("public.order s", "public.order$s", "the same topic");
        }
        assertThat(slotsOf(systems)).isEmpty();
    }

    @Test
    void a_role_is_told_everything_it_lacks_at_once() throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers();
        String role = "role_" + systems.name();
        systems.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'postgres'; GRANT SELECT ON customers TO " + role)
                .with(
                        "user: \"postgres\", password: \"postgres\", tables",
                        "user: " + role + ", password: postgres, tables");
        for (String command : List.of("check", "run")) {
            assertThat(run(systems, command)).isEqualTo(2);
            assertThat(err.toString().lines()).hasSize(3);
            assertThat(err.toString())
                    .contains("ALTER ROLE \"" + role + "\" REPLICATION", "may not read public.orders")
                    .contains("CREATE PUBLICATION " + systems.name() + " FOR TABLE");
        }
    }

    @Test
    void a_server_without_logical_wal_is_told_how_to_get_it() throws SQLException, IOException {
        StackPlan plan = StackPlan.builder(ServerKind.POSTGRES)
                .setting(ServerKind.POSTGRES, "wal_level", "replica")
                .build();
        try (LocalStack stack = LocalStack.start(plan)) {
            PostgresServer server = stack.postgres();
            BadSystems systems = BadSystems.at(server.createDatabase("shop"), server.superuser(), server.password());
            for (String command : List.of("check", "run")) {
                assertThat(run(systems, command)).isEqualTo(2);
                assertOneLine().contains("wal_level is 'replica'", "ALTER SYSTEM SET wal_level = logical");
            }
        }
    }

    @Test
    void before_the_first_run_status_and_reconcile_say_so() throws SQLException, IOException {
        BadSystems systems = BadSystems.onSharedServers();
        assertThat(run(systems, "status")).isZero();
        assertThat(out.toString()).contains("tidemark none yet", "does not exist yet");
        assertThat(run(systems, "reconcile", "--all")).isEqualTo(2);
        assertOneLine().contains("Nothing was captured under prefix '" + systems.name() + "' yet");
        assertThat(run(systems, "reconcile", "nonesuch")).isEqualTo(2);
        assertOneLine().contains("No read model 'nonesuch'", "docs-" + systems.name());
        assertThat(run(systems, "snapshot", "public.nonesuch")).isEqualTo(2);
        assertOneLine().contains("Table 'public.nonesuch' is not captured");
        assertThat(run(systems, "snapshot", "public.orders")).isEqualTo(2);
        assertOneLine().contains("Nothing was captured under prefix '" + systems.name() + "' yet");
        Path nowhere = directory.resolve("none").resolve("report.json");
        assertThat(run(systems, "reconcile", "--all", "--report", nowhere.toString()))
                .isEqualTo(2);
        assertOneLine().contains("The report cannot be written to " + nowhere);
    }

    @Test
    void a_store_that_is_down_hides_nothing_of_the_others_and_a_second_run_stands_by() throws Exception {
        BadSystems systems = BadSystems.onSharedServers();
        Running first = Running.start(systems, directory.resolve("first"));
        Running second = null;
        try {
            first.awaitSaying("running:");
            second = Running.start(systems, directory.resolve("second"));

            assertThat(run(systems, "snapshot", "public.orders"))
                    .as(err.toString())
                    .isZero();
            assertThat(err.toString()).contains("public.orders was read again");
            assertThat(run(systems, "reconcile", "--all")).as(err.toString()).isZero();
            systems.with(SharedStack.redis().url(), "redis://" + NOWHERE);
            assertThat(run(systems, "status", "--json")).isEqualTo(3);
            assertOneLine().contains("Redis at redis://" + NOWHERE);
            JsonNode models = Json.parse(out.toString()).required("read_models");
            assertThat(models).hasSize(3);
            assertThat(models.get(0).required("applied_tidemark").isNull()).isFalse();
            assertThat(models.get(1).required("error").textValue()).contains("does not answer");
            assertThat(models.get(2).required("applied_tidemark").isNull()).isFalse();
            assertThat(run(systems, "reconcile", "--all")).isEqualTo(2);
            assertThat(out.toString().lines()).hasSize(3).anySatisfy(line -> assertThat(line)
                    .contains("could not tell", "Redis at redis://" + NOWHERE));
            assertThat(out.toString().lines().filter(line -> line.contains("no drift")))
                    .hasSize(2);

            assertThat(second.standsBy()).as("the second says %s", second.said).isTrue();
            assertThat(first.stop()).isEqualTo(Shutdown.Stopped.EXIT_CODE);
            second.awaitSaying("running:");
            assertThat(second.stop()).isEqualTo(Shutdown.Stopped.EXIT_CODE);
            assertThat(run(systems, "reconcile", "rows-" + systems.name(), "--timeout", "1"))
                    .isEqualTo(2);
            assertThat(err.toString()).contains("nobody reads slot " + systems.name(), "Start 'tidemark run'");
        } finally {
            first.stop();
            if (second != null) {
                second.stop();
            }
        }
    }

    /** {@code tidemark run} in a thread of this process. */
    private static final class Running {

        private final StringWriter said = new StringWriter();
        private final Thread thread;
        private volatile int exitCode = -1;

        private Running(Path file, Path state) {
            thread = new Thread(() -> exitCode = Main.run(
                    new PrintWriter(said),
                    new PrintWriter(said),
                    "run",
                    "-c",
                    file.toString(),
                    "--state",
                    state.toString()));
        }

        /** With a file of its own: the test writes the shared one anew while this one may be reading it. */
        static Running start(BadSystems systems, Path home) throws IOException {
            Path file = systems.file(Files.createDirectories(home));
            Running running = new Running(file, home.resolve("state"));
            running.thread.start();
            return running;
        }

        void awaitSaying(String words) {
            Awaitility.await(words + " in " + said)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> said.toString().contains(words) || !thread.isAlive());
            assertThat(said.toString()).contains(words);
        }

        boolean standsBy() {
            return thread.isAlive() && said.toString().isEmpty();
        }

        /** As Ctrl-C does, and waits for the end. */
        int stop() throws InterruptedException {
            thread.interrupt();
            thread.join(Duration.ofSeconds(40).toMillis());
            assertThat(thread.isAlive()).as("stops when asked").isFalse();
            return exitCode;
        }
    }
}
