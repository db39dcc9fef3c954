package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int run(String... arguments) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chek", "check --jsn", "check -c"})
    void usage_errors_are_one_line_and_exit_2(String line) {
        assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines()).singleElement().asString().startsWith("tidemark: ");
    }

    @Test
    void a_mistyped_command_is_suggested() {
        run("chek");
        assertThat(err.toString()).contains("did you mean").contains("check");
    }

    @Test
    void help_is_a_result() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("check");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void a_configuration_error_exits_2_and_is_an_object_for_programs() throws IOException {
        Path file = Files.writeString(directory.resolve("t.yml"), "sauce: {}\n");
        assertThat(run("check", "--json", "-c", file.toString())).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("tidemark: " + file
                        + ":1:1: unknown key 'sauce' in the top level; did you mean 'source'?"
                        + file + ":1:1: missing key 'kafka' in the top level"
                        + file + ":1:1: missing key 'source' in the top level");
        assertThat(Json.parse(out.toString()).required("error").required("code").textValue())
                .isEqualTo("CONFIGURATION");
    }

    @Test
    void a_demo_of_files_that_are_wrong_says_so_before_it_starts_servers() throws IOException {
        Path sql = Files.writeString(directory.resolve("s.sql"), "create table t (id int primary key);\n");
        Path file = Files.writeString(directory.resolve("t.yml"), """
                source: {url: "jdbc:postgresql://localhost/x", user: u, tables: [a.b]}
                kafka: {bootstrap.servers: "${KAFKA_SERVERS}"}
                """);
        assertThat(run("demo", "--sql", "none.sql", "--config", file.toString()))
                .isEqualTo(2);
        assertThat(run("demo", "--sql", sql.toString(), "--config", file.toString()))
                .isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(2).allSatisfy(line -> assertThat(line)
                .startsWith("tidemark: "));
        assertThat(err.toString())
                .contains("There is no file none.sql", "does not read the demo's own source", "${SOURCE_URL}");
    }

    @Test
    void an_argument_that_is_missing_is_said_without_picoclis_own_prefix() {
        assertThat(run("reconcile")).isEqualTo(2);
        assertThat(err.toString()).startsWith("tidemark: Missing required argument");
    }

    @Test
    void a_part_of_read_models_that_cannot_be_meant_is_refused_before_anything_is_read() {
        assertThat(run("reconcile", "--all", "--keys", "17")).isEqualTo(2);
        assertThat(run("reconcile", "orders", "--sample", "2")).isEqualTo(2);
        assertThat(run("reconcile", "orders", "--sample", "0.1", "--keys", "17"))
                .isEqualTo(2);
        assertThat(run("reconcile", "-c", "other.yml", "topics")).isEqualTo(2);
        assertThat(run("reconcile", "--json", "history")).isEqualTo(2);
        assertThat(run("reconcile", "orders", "--since", "yesterday")).isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "come behind 'topics'",
                        "come behind 'history'",
                        "--since is a time with its zone",
                        "--keys are those of one read model",
                        "--sample is a part above 0",
                        "mutually exclusive");
    }

    @Test
    void an_unexpected_failure_is_one_line_and_its_trace_goes_to_the_log_file() throws IOException {
        Path log = directory.resolve("logs/tidemark.log");
        System.setProperty("tidemark.log.file", log.toString());
        try {
            CommandLine command = new CommandLine(new Main()).setErr(new PrintWriter(err, true));
            CommandLine.ParseResult arguments = command.parseArgs("check");
            assertThat(Failures.execution(new IllegalStateException("odd"), command, arguments))
                    .isEqualTo(1);
        } finally {
            System.clearProperty("tidemark.log.file");
        }
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "tidemark: internal error: java.lang.IllegalStateException: odd; details in " + log);
        assertThat(Files.readString(log)).contains("MainTest");
    }
}
