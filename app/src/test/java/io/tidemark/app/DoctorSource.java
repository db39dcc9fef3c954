package io.tidemark.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.Json;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A database for the doctor: a test breaks it, asks, and does what the doctor says. */
final class DoctorSource {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name =
            "doctor" + NUMBER.incrementAndGet() + "x" + ProcessHandle.current().pid();
    private final Path directory;
    private final PostgresServer server;
    private final String url;
    private String user;
    private String more = "";

    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    DoctorSource(Path directory, PostgresServer server) {
        this.directory = directory;
        this.server = server;
        url = server.createDatabase(name);
        user = server.superuser();
    }

    /** Slot, publication, prefix and database. */
    String name() {
        return name;
    }

    DoctorSource as(String role) {
        user = role;
        return this;
    }

    /** Further keys of {@code source}. */
    DoctorSource with(String keys) {
        more = ", " + keys;
        return this;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, server.superuser(), server.password());
    }

    DoctorSource sql(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
        return this;
    }

    long number(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    Path file() throws IOException {
        return Files.writeString(directory.resolve(name + ".yml"), """
                source: {url: "%s", user: "%s", password: postgres, tables: [public.*], slot: %s, publication: %s%s}
                kafka: {bootstrap.servers: "%s", prefix: %s, partitions: 1}
                """.formatted(
                        url, user, name, name, more, SharedStack.kafka().bootstrapServers(), name));
    }

    int run(String... arguments) throws IOException {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(
                new PrintWriter(out),
                new PrintWriter(err),
                Stream.concat(Stream.of(arguments), Stream.of("-c", file().toString()))
                        .toArray(String[]::new));
    }

    /** {@code tidemark run} in a thread of this process, until it is interrupted. */
    Thread startRun(StringWriter said) throws IOException {
        String file = file().toString();
        String state = directory.resolve("state").toString();
        Thread thread = new Thread(() -> Main.run(
                new PrintWriter(said, true), new PrintWriter(said, true), "run", "-c", file, "--state", state));
        thread.start();
        return thread;
    }

    /** What the doctor finds, of these severities. */
    List<JsonNode> findings(String... severities) throws IOException {
        run("doctor", "--json");
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode finding : Json.parse(out.toString()).required("findings")) {
            if (List.of(severities).contains(finding.required("severity").textValue())) {
                found.add(finding);
            }
        }
        return found;
    }

    static List<String> codes(List<JsonNode> findings) {
        return findings.stream()
                .map(finding -> finding.required("code").textValue())
                .distinct()
                .toList();
    }

    /** Does what the doctor says, as a superuser. */
    void mend(List<JsonNode> findings) throws SQLException {
        for (JsonNode finding : findings) {
            for (JsonNode statement : finding.required("sql")) {
                sql(statement.textValue());
            }
        }
    }
}
