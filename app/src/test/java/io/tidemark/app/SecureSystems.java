package io.tidemark.app;

import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.testkit.Certificates;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.awaitility.Awaitility;

/** PostgreSQL and Kafka that let nobody in without TLS and a password, and a configuration of which a test spoils a part. */
final class SecureSystems implements AutoCloseable {

    /** Part of every password. */
    static final String CANARY = "canary-3f81";

    private static final String DATABASE = "secure";
    private static final String HERE = "dns:localhost,ip:127.0.0.1";
    private static final String SOURCE_PASSWORD = CANARY + "-source";
    private static final String KAFKA_PASSWORD = CANARY + "-kafka";

    /** The client's certificate stands in the URL only: a connection that lost the URL's parameters is not let in. */
    private static final String HBA = """
            host    all postgres 127.0.0.1/32 scram-sha-256
            hostssl all tidemark 127.0.0.1/32 scram-sha-256 clientcert=verify-ca
            """;

    private static final String TABLES = """
            CREATE ROLE tidemark LOGIN REPLICATION PASSWORD '%s';
            CREATE TABLE customers (id int PRIMARY KEY, name text);
            GRANT SELECT ON customers TO tidemark;
            CREATE PUBLICATION secure FOR TABLE customers WITH (publish_via_partition_root = true);
            CREATE SCHEMA copies AUTHORIZATION tidemark;
            """.formatted(SOURCE_PASSWORD);

    private static final String CONFIGURATION = """
            source:
              {url: "jdbc:postgresql://localhost:PORT/secure?sslmode=verify-full&sslrootcert=AUTHORITY&CLIENT", user: tidemark,
               password: "${file:source-password}", tables: [public.*], slot: secure, publication: secure}
            kafka:
              bootstrap.servers: "BROKERS"
              prefix: secure
              partitions: 2
              security.protocol: SASL_SSL
              ssl.truststore.type: PEM
              ssl.truststore.location: AUTHORITY
              sasl.mechanism: SCRAM-SHA-512
              sasl.jaas.config: "org.apache.kafka.common.security.scram.ScramLoginModule required username=\\"tidemark\\" password=\\"${file:kafka-password}\\";"
            stores:
              cache: {redis: {url: "REDIS"}}
              dw: {sql: {url: "jdbc:postgresql://localhost:PORT/secure?sslmode=verify-full&sslrootcert=AUTHORITY&CLIENT", user: tidemark, password: "${file:source-password}"}}
            read-models:
              documents:
                document: public.customers
                to: {cache: "UNIQUE:{id}"}
              rows:
                mirror: [public.*]
                to: {dw: copies}
            """;

    private final Path directory;
    private final Certificates certificates;
    private final LocalStack stack;

    private SecureSystems(Path directory, Certificates certificates, LocalStack stack) {
        this.directory = directory;
        this.certificates = certificates;
        this.stack = stack;
    }

    static SecureSystems start(Path directory) throws Exception {
        Certificates certificates = Certificates.in(Files.createDirectory(directory.resolve("certificates")));
        Map<String, String> byName = Map.of(
                "server", certificates.valid(HERE),
                "elsewhere", certificates.valid("dns:elsewhere.example"),
                "expired", certificates.expired(HERE));
        StackPlan.Builder plan = StackPlan.builder(ServerKind.POSTGRES, ServerKind.KAFKA)
                .setting(ServerKind.POSTGRES, "ssl", "on")
                .setting(ServerKind.POSTGRES, "log_connections", "authentication")
                .postgresFile("pg_hba.conf", HBA)
                .setting(ServerKind.POSTGRES, "ssl_ca_file", "authority.crt")
                .postgresFile("authority.crt", Files.readString(certificates.authority()))
                .postgresFile("server.key", certificates.key());
        byName.forEach((name, certificate) -> plan.postgresFile(name + ".crt", certificate));
        listener(plan, "SECURE", byName.get("server"), certificates.key());
        listener(plan, "ELSEWHERE", byName.get("elsewhere"), certificates.key());
        listener(plan, "EXPIRED", byName.get("expired"), certificates.key());
        SecureSystems systems = new SecureSystems(directory, certificates, LocalStack.start(plan.build()));
        systems.prepare();
        return systems;
    }

    private static void listener(StackPlan.Builder plan, String name, String certificate, String key) {
        String prefix = "listener.name." + name.toLowerCase(java.util.Locale.ROOT) + ".";
        String modules = "org.apache.kafka.common.security.";
        plan.kafkaListener(name, "SASL_SSL")
                .setting(ServerKind.KAFKA, prefix + "ssl.keystore.type", "PEM")
                .setting(ServerKind.KAFKA, prefix + "ssl.keystore.certificate.chain", certificate)
                .setting(ServerKind.KAFKA, prefix + "ssl.keystore.key", key)
                .setting(ServerKind.KAFKA, prefix + "sasl.enabled.mechanisms", "SCRAM-SHA-512,PLAIN")
                .setting(
                        ServerKind.KAFKA,
                        prefix + "scram-sha-512.sasl.jaas.config",
                        modules + "scram.ScramLoginModule required;")
                .setting(
                        ServerKind.KAFKA,
                        prefix + "plain.sasl.jaas.config",
                        modules + "plain.PlainLoginModule required user_tidemark=\"" + KAFKA_PASSWORD + "\";");
    }

    private void prepare() throws IOException, SQLException, ExecutionException, InterruptedException {
        Files.writeString(directory.resolve("source-password"), SOURCE_PASSWORD);
        Files.writeString(directory.resolve("client.crt"), certificates.valid("dns:client.example"));
        Files.writeString(directory.resolve("kafka-password"), KAFKA_PASSWORD);
        postgres().createDatabase(DATABASE);
        sql(TABLES);
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", stack.kafka().bootstrapServers()))) {
            ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("tidemark", info, KAFKA_PASSWORD)))
                    .all()
                    .get();
        }
    }

    LocalStack stack() {
        return stack;
    }

    PostgresServer postgres() {
        return stack.postgres();
    }

    String brokers(String listener) {
        return stack.kafka().bootstrapServers(listener);
    }

    Path authority() {
        return certificates.authority();
    }

    Path otherAuthority() {
        return certificates.otherAuthority();
    }

    /** The configuration with some of its texts replaced, given in pairs. */
    Path file(String... replacements) throws IOException {
        String text = CONFIGURATION
                .replace("PORT", Integer.toString(postgres().port()))
                .replace("CLIENT", "sslcert=" + directory.resolve("client.crt") + "&sslkey=" + certificates.keyFile())
                .replace("AUTHORITY", authority().toString())
                .replace("BROKERS", brokers("SECURE"))
                .replace("REDIS", SharedStack.redis().url())
                .replace("UNIQUE", "secure" + ProcessHandle.current().pid());
        for (int pair = 0; pair < replacements.length; pair += 2) {
            if (!text.contains(replacements[pair])) {
                throw new IllegalArgumentException(replacements[pair] + " is not in\n" + text);
            }
            text = text.replace(replacements[pair], replacements[pair + 1]);
        }
        return Files.writeString(directory.resolve("tidemark.yml"), text);
    }

    /** Lets the source show another certificate from now on: {@code server}, {@code elsewhere} or {@code expired}. */
    void presentToClients(String certificate) throws SQLException {
        sql("ALTER SYSTEM SET ssl_cert_file = '" + certificate + ".crt'");
        sql("SELECT pg_reload_conf()");
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ask("SHOW ssl_cert_file")
                .equals(certificate + ".crt"));
    }

    void sql(String statements) throws SQLException {
        try (Connection connection = postgres().connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    String ask(String question) throws SQLException {
        try (Connection connection = postgres().connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getString(1);
        }
    }

    /** What the server's log says of how a user proved who he is, a line each time. */
    List<String> authentications(String user) throws IOException {
        return Files.readAllLines(postgres().logFile()).stream()
                .filter(line -> line.contains("connection authenticated: identity=\"" + user + "\""))
                .toList();
    }

    @Override
    public void close() {
        stack.close();
    }
}
