package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Lsn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** TLS and passwords to PostgreSQL and Kafka: all goes through them, and who does not prove who he is, is refused. */
@Timeout(120)
class SecureIT {

    @TempDir
    private static Path directory;

    private static SecureSystems systems;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level level = root.getLevel();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeAll
    static void startSystems() throws Exception {
        systems = SecureSystems.start(directory);
    }

    @AfterAll
    static void stopSystems() {
        systems.close();
    }

    @BeforeEach
    void listen() {
        log.start();
        root.addAppender(log);
        root.setLevel(Level.INFO);
    }

    @AfterEach
    void no_secret_is_in_any_output_or_log() {
        root.setLevel(level);
        root.detachAppender(log);
        List<String> said = new ArrayList<>(List.of(out.toString(), err.toString()));
        for (ILoggingEvent event : List.copyOf(log.list)) {
            said.add(event.getFormattedMessage());
            if (event.getThrowableProxy() != null) {
                said.add(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
        }
        assertThat(said).hasSizeGreaterThan(2).noneMatch(text -> text.contains(SecureSystems.CANARY));
    }

    private int run(Path file, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-c", file.toString()));
        return Main.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    }

    private void assertRefused(Path file, String... said) {
        for (String command : List.of("check", "status")) {
            assertThat(run(file, command)).as("%s: %s", command, err).isEqualTo(3);
            // The warehouse is in the same server, and says the same in its own line.
            assertThat(err.toString().lines().filter(line -> !line.startsWith("The warehouse")))
                    .singleElement()
                    .asString()
                    .startsWith("tidemark: ")
                    .contains(said)
                    .doesNotContain("Exception", "null", "..", "internal error");
        }
    }

    @Test
    void snapshot_stream_read_models_and_reconciliation_go_through_tls_and_scram() throws Exception {
        Path file = systems.file();
        systems.sql("INSERT INTO customers SELECT i, 'before ' || i FROM generate_series(1, 100) i");
        try (Pipeline pipeline = new Pipeline(
                PlanReader.read(TidemarkConfig.load(file)), directory.resolve("state"), (place, t) -> {})) {
            pipeline.start(SnapshotProgress.NONE);
            systems.sql("UPDATE customers SET name = 'after ' || id WHERE id <= 50");
            Lsn token = Lsn.parse(systems.ask("SELECT pg_current_wal_insert_lsn()::text"));
            assertThat(pipeline.await(token, Duration.ofSeconds(60))).isTrue();
            assertThat(run(file, "reconcile", "--all")).as(err.toString()).isZero();

            assertThat(
                            systems.ask(
                                    "SELECT count(*) FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)"
                                            + " WHERE usename = 'tidemark' AND ssl AND version LIKE 'TLSv1.%' AND client_dn IS NOT NULL"))
                    .isEqualTo("1");
            assertThat(systems.ask("SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
                            + " WHERE usename = 'tidemark' AND NOT ssl"))
                    .isEqualTo("0");
        }
        assertThat(systems.authentications("tidemark"))
                .hasSizeGreaterThan(5)
                .allMatch(line -> line.contains("method=scram-sha-256"));
    }

    @Test
    void without_tls_the_source_lets_nobody_in_and_the_message_says_how_to_have_it() throws IOException {
        assertRefused(
                systems.file("sslmode=verify-full", "sslmode=disable"),
                "The source database jdbc:postgresql://localhost:"
                        + systems.postgres().port() + "/secure refuses user",
                "no encryption. The server wants TLS: set sslmode=verify-full and sslrootcert in source.url");
    }

    @Test
    void a_source_whose_certificate_another_authority_signed_is_refused() throws IOException {
        assertRefused(
                systems.file("sslrootcert=" + systems.authority(), "sslrootcert=" + systems.otherAuthority()),
                "The source database jdbc:postgresql://localhost:",
                "cannot be trusted: its certificate is signed by no authority trusted here. Check sslrootcert");
    }

    @ParameterizedTest
    @CsvSource({
        "elsewhere, its certificate is for another name than localhost. Use a host in source.url that",
        "expired, its certificate has expired (NotAfter: ",
    })
    void a_source_with_the_wrong_certificate_is_refused(String certificate, String said) throws Exception {
        systems.presentToClients(certificate);
        try {
            assertRefused(
                    systems.file(), "The source database jdbc:postgresql://localhost:", "cannot be trusted", said);
        } finally {
            systems.presentToClients("server");
        }
    }

    @Test
    void a_wrong_password_for_the_source_is_refused() throws IOException {
        assertRefused(
                systems.file("password: \"${file:source-password}\", tables", "password: \"canary\", tables"),
                "refuses user 'tidemark': FATAL: password authentication failed",
                "Check source.user and source.password");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AUTHORITY | OTHER   | cannot be trusted: its certificate is signed by no authority trusted here. Check sslrootcert",
                "PASSWORD  | canary  | refuses the credentials of user 'tidemark' (FATAL: password authentication failed",
            })
    void a_warehouse_that_is_not_trusted_or_does_not_trust_is_refused(String what, String instead, String said)
            throws IOException {
        String text = Files.readString(systems.file());
        int dw = text.indexOf("dw: {sql:");
        String store = what.equals("AUTHORITY")
                ? text.substring(dw)
                        .replace(
                                systems.authority().toString(),
                                systems.otherAuthority().toString())
                : text.substring(dw).replace(SecureSystems.CANARY, instead).replace("${file:source-password}", instead);
        Path file = Files.writeString(directory.resolve("warehouse.yml"), text.substring(0, dw) + store);
        assertThat(run(file, "check")).as(err.toString()).isEqualTo(3);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("The warehouse jdbc:postgresql://localhost:", said);
    }

    @Test
    void a_warehouse_with_another_name_in_its_certificate_is_refused() throws Exception {
        systems.presentToClients("elsewhere");
        try {
            assertThat(run(systems.file(), "check")).isEqualTo(3);
            assertThat(err.toString().lines().filter(line -> line.contains("The warehouse")))
                    .singleElement()
                    .asString()
                    .contains("cannot be trusted: its certificate is for another name than localhost. Use a host");
        } finally {
            systems.presentToClients("server");
        }
    }

    @Test
    void kafka_takes_plain_over_tls_too() throws IOException {
        Path file = systems.file("SCRAM-SHA-512", "PLAIN", "scram.ScramLoginModule", "plain.PlainLoginModule");
        assertThat(run(file, "check")).as(err.toString()).isZero();
    }

    @Test
    void brokers_whose_certificate_another_authority_signed_are_refused() throws IOException {
        assertRefused(
                systems.file("location: " + systems.authority(), "location: " + systems.otherAuthority()),
                "Kafka at localhost:",
                "its certificate is signed by no authority trusted here. Check ssl.truststore.location");
    }

    @ParameterizedTest
    @CsvSource({
        "ELSEWHERE, its certificate is for another name (No subject alternative DNS name matching localhost found)",
        "EXPIRED, its certificate has expired (NotAfter: ",
    })
    void brokers_with_the_wrong_certificate_are_refused(String listener, String said) throws IOException {
        assertRefused(systems.file(systems.brokers("SECURE"), systems.brokers(listener)), "Kafka at localhost:", said);
    }

    @ParameterizedTest
    @CsvSource({"SCRAM-SHA-512, scram.ScramLoginModule", "PLAIN, plain.PlainLoginModule"})
    void a_wrong_password_for_kafka_is_refused(String mechanism, String module) throws IOException {
        Path file = systems.file(
                "SCRAM-SHA-512", mechanism, "scram.ScramLoginModule", module, "${file:kafka-password}", "canary-wrong");
        assertRefused(file, "Kafka at localhost:", "Check sasl.mechanism and sasl.jaas.config under kafka");
    }

    @Test
    void kafka_without_tls_at_a_port_for_tls_is_not_waited_for_without_end() throws IOException {
        assertThat(run(systems.file("security.protocol: SASL_SSL", "security.protocol: PLAINTEXT"), "check"))
                .isEqualTo(3);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("Kafka at localhost:", "does not answer", "security.protocol");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "password=\"${file:kafka-password}\"; | password=x ${file:kafka-password}; | sasl.jaas.config",
                "required | ${file:kafka-password} | sasl.jaas.config",
                "location: | location: /none | /none",
            })
    void a_property_that_cannot_be_used_is_said_without_its_secrets(String what, String instead, String said)
            throws IOException {
        assertThat(run(systems.file(what.replace("\"", "\\\""), instead), "check"))
                .as(err.toString())
                .isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains("Kafka at localhost:", said);
    }
}
