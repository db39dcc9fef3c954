package io.tidemark.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStackIT {

    private static LocalStack stack;

    @BeforeAll
    static void startAllServersInParallel() {
        stack = LocalStack.start(
                StackPlan.of(ServerKind.POSTGRES, ServerKind.KAFKA, ServerKind.ELASTICSEARCH, ServerKind.REDIS),
                (server, step, elapsed) ->
                        System.out.println(server + " " + step + " after " + elapsed.toMillis() + " ms"));
    }

    @AfterAll
    static void stopAllServers() {
        Path directory = stack.directory();
        stack.close();
        stack.close();
        assertThat(directory).doesNotExist();
        assertThat(stack.servers()).noneMatch(Server::isAlive);
    }

    @Test
    void postgres_decodes_logically_and_checks_passwords() throws Exception {
        PostgresServer postgres = stack.postgres();
        assertThat(setting(postgres, "wal_level")).isEqualTo("logical");
        assertThat(setting(postgres, "server_encoding")).isEqualTo("UTF8");
        assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl("postgres"), "postgres", "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password");
    }

    @Test
    void a_killed_postgres_restarts_on_the_same_port_with_its_data() throws Exception {
        PostgresServer postgres = stack.postgres();
        int port = postgres.port();
        String url = postgres.createDatabase("survivor \"quoted\"");
        execute(url, "create table t as select 7 as seven");

        postgres.kill();
        assertThat(postgres.isAlive()).isFalse();
        postgres.restart();

        assertThat(postgres.port()).isEqualTo(port);
        assertThat(query(url, "select seven from t")).isEqualTo("7");
    }

    @Test
    void a_postgres_paused_does_not_answer_until_resumed() throws Exception {
        PostgresServer postgres = stack.postgres();
        postgres.pause();
        assertThat(postgres.complaint()).isPresent();
        postgres.resume();
        assertThat(query(postgres.jdbcUrl("postgres"), "select 1")).isEqualTo("1");
    }

    @Test
    void a_killed_kafka_restarts_with_its_records() throws Exception {
        KafkaCluster kafka = stack.kafka();
        createTopic(kafka, "survivors", 1);
        produce(kafka, "survivors", "still here");

        kafka.kill();
        assertThat(kafka.isAlive()).isFalse();
        kafka.restart();

        assertThat(firstRecord(kafka, "survivors")).isEqualTo("still here");
    }

    @Test
    void elasticsearch_indexes_and_finds_and_restarts_at_another_port() throws Exception {
        ElasticsearchServer elasticsearch = stack.elasticsearch();
        put(elasticsearch.url() + "/things/_doc/1?refresh=true", "{\"name\":\"anchor\"}");
        assertThat(get(elasticsearch.url() + "/things/_search?q=name:anchor")).contains("\"_id\":\"1\"");

        long pid = elasticsearch.pid();
        int port = elasticsearch.port();
        elasticsearch.restartOnFreePort();

        assertThat(elasticsearch.port()).isNotEqualTo(port);
        assertThat(elasticsearch.pid()).isNotEqualTo(pid);
        assertThat(get(elasticsearch.url() + "/things/_doc/1")).contains("anchor");
    }

    @Test
    void a_redis_paused_answers_nothing_and_everything_once_resumed() throws Exception {
        RedisServer redis = stack.redis();
        redis.pause();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(300);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
            redis.resume();
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isEqualTo('+');
        }
    }

    @Test
    void kill_hits_the_server_itself_and_a_restart_gives_a_new_process() {
        RedisServer redis = stack.redis();
        ProcessHandle before = ProcessHandle.of(redis.pid()).orElseThrow();
        assertThat(before.info().command().orElse("")).contains("redis-server");
        redis.kill();
        assertThat(before.isAlive()).isFalse();
        redis.kill();
        redis.restart();
        assertThat(redis.pid()).isNotEqualTo(before.pid());
        assertThat(redis.complaint()).isEmpty();
    }

    @Test
    void settings_of_the_plan_go_over_ours(@TempDir Path parent) throws Exception {
        StackPlan plan = StackPlan.builder(ServerKind.POSTGRES, ServerKind.REDIS)
                .directory(parent.resolve("named"))
                .setting(ServerKind.POSTGRES, "wal_level", "replica")
                .setting(ServerKind.REDIS, "maxmemory", "12345678")
                .build();
        openToAll(parent);
        try (LocalStack named = LocalStack.start(plan)) {
            assertThat(setting(named.postgres(), "wal_level")).isEqualTo("replica");
            assertThat(setting(named.postgres(), "fsync")).isEqualTo("on");
            assertThat(ask(named.redis(), "CONFIG GET maxmemory\r\n")).contains("12345678");
        }
    }

    @Test
    void a_named_directory_keeps_its_data_and_serves_one_stack_at_a_time(@TempDir Path parent) throws Exception {
        openToAll(parent);
        StackPlan plan = StackPlan.builder(ServerKind.POSTGRES)
                .directory(parent.resolve("named"))
                .build();
        try (LocalStack first = LocalStack.start(plan)) {
            execute(first.postgres().createDatabase("kept"), "create table t as select 1");
            assertThatThrownBy(() -> LocalStack.start(plan))
                    .isInstanceOf(LocalStackException.class)
                    .hasMessageContaining("in use by another stack");
        }
        try (LocalStack second = LocalStack.start(plan)) {
            assertThat(query(second.postgres().jdbcUrl("kept"), "select count(*) from t"))
                    .isEqualTo("1");
        }
    }

    @Test
    void a_port_taken_is_named() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StackPlan plan = StackPlan.builder(ServerKind.REDIS)
                    .port(ServerKind.REDIS, other.getLocalPort())
                    .build();
            assertThatThrownBy(() -> LocalStack.start(plan))
                    .isInstanceOfSatisfying(LocalStackException.class, e -> assertThat(e.reason())
                            .isEqualTo(LocalStackException.Reason.PORT_TAKEN))
                    .hasMessageContaining("127.0.0.1:" + other.getLocalPort());
        }
    }

    @Test
    void a_server_that_ends_while_it_starts_shows_the_end_of_its_log() {
        StackPlan plan = StackPlan.builder(ServerKind.POSTGRES)
                .setting(ServerKind.POSTGRES, "no_such_setting", "1")
                .build();
        assertThatThrownBy(() -> LocalStack.start(plan))
                .isInstanceOf(LocalStackException.class)
                .hasMessageContaining("PostgreSQL")
                .hasMessageContaining("ended with exit code 1")
                .hasMessageContaining("unrecognized configuration parameter \"no_such_setting\"")
                .hasMessageContaining("postgres.log");
    }

    @Test
    void no_server_outlives_a_parent_killed_with_kill_9() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dtidemark.servers=" + System.getProperty("tidemark.servers"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StackHolder.class.getName(),
                        "POSTGRES",
                        "KAFKA",
                        "ELASTICSEARCH",
                        "REDIS")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<ProcessHandle> below = descendants(parent);
        assertThat(below).hasSizeGreaterThan(12).allMatch(ProcessHandle::isAlive);

        parent.destroyForcibly();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(below).allMatch(Supervisor::isGone));
    }

    @Test
    void three_brokers_form_a_cluster_that_lives_on_without_one() throws Exception {
        StackPlan plan = StackPlan.builder(ServerKind.KAFKA)
                .brokers(3)
                .heapMegabytes(ServerKind.KAFKA, 128)
                .build();
        try (LocalStack three = LocalStack.start(plan)) {
            KafkaCluster kafka = three.kafka();
            assertThat(kafka.brokers())
                    .hasSize(3)
                    .allMatch(broker -> broker.nodes().size() == 3);
            createTopic(kafka, "replicated", 3);
            produce(kafka, "replicated", "before");

            KafkaBroker victim = kafka.brokers().get(0);
            victim.kill();
            assertThat(kafka.isAlive()).isFalse();
            assertThat(firstRecord(kafka, "replicated")).isEqualTo("before");

            victim.restartOnFreePort();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(victim.nodes()).isEqualTo(Set.of(1, 2, 3)));
        }
    }

    private static List<ProcessHandle> descendants(Process parent) throws IOException {
        try (BufferedReader says = parent.inputReader()) {
            String pids = says.readLine();
            assertThat(pids).as("what the parent says").isNotNull();
            return Stream.of(pids.split(" ", -1))
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                    .toList();
        }
    }

    private static void openToAll(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String setting(PostgresServer postgres, String name) throws SQLException {
        return query(postgres.jdbcUrl("postgres"), "show " + name);
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void createTopic(KafkaCluster kafka, String name, int replicas) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) replicas)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static void produce(KafkaCluster kafka, String topic, String value) throws Exception {
        Map<String, Object> configuration = Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(configuration, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
        }
    }

    private static String firstRecord(KafkaCluster kafka, String topic) {
        Map<String, Object> configuration = Map.of("bootstrap.servers", kafka.bootstrapServers());
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(configuration, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            return await().atMost(Duration.ofSeconds(30))
                    .pollInSameThread()
                    .until(() -> consumer.poll(Duration.ofSeconds(1)), records -> !records.isEmpty())
                    .iterator()
                    .next()
                    .value();
        }
    }

    private static String ask(RedisServer redis, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(5_000);
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return answer.lines().limit(5).collect(Collectors.joining(" "));
        }
    }

    private static void put(String url, String json) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    }

    private static String get(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
