package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Verdict;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Columns with a rule: their values are in no topic, whatever happens to their rows, and read models still reconcile. */
@Timeout(120)
class PrivacyIT {

    /** What no byte of a topic may hold: the values, and the name of the dropped column. */
    private static final List<String> RAW = List.of(
            "ada@raw.example",
            "555-raw-phone",
            "123-raw-ssn",
            "987654321.25",
            "raw profile",
            "1815-12-10",
            "42.4242",
            "raw note",
            "\"ssn\"");

    private static final String TABLES = """
            CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone varchar(20), ssn text UNIQUE,
              salary numeric(12,2), profile jsonb, born timestamptz, score float8);
            ALTER TABLE customers REPLICA IDENTITY FULL;
            CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers ON UPDATE CASCADE, note text);
            """;

    private static final String CONFIGURATION = """
            source:
              url: "%s"
              user: "%s"
              password: "%s"
              tables: [public.*]
              slot: OWN
              publication: OWN
              columns:
                public.customers.email: {hash: "a key of this test"}
                public.customers.phone: mask
                public.customers.ssn: drop
                public.customers.salary: {hash: "a key of this test"}
                public.customers.profile: {hash: "a key of this test"}
                public.customers.born: {hash: "a key of this test"}
                public.customers.score: {hash: "a key of this test"}
                public.orders.note: mask
            kafka: {bootstrap.servers: "%s", prefix: OWN, partitions: 2}
            stores:
              cache: {redis: {url: "%s"}}
              dw: {sql: {url: "%s", user: "%s", password: "%s"}}
            read-models:
              OWN-people:
                document: public.customers
                many: {orders: {table: public.orders}}
                to: {cache: "OWN:person:{id}"}
              OWN-orders:
                document: public.orders
                one: {who: {table: public.customers, by: customer, fields: [name, email, phone]}}
                to: {cache: "OWN:order:{id}"}
              OWN-rows: {mirror: [public.*], to: {dw: copies}}
            """;

    @TempDir
    private Path directory;

    private final String own = "privacy" + ProcessHandle.current().pid() + "x" + System.nanoTime();
    private final String source = SharedStack.freshDatabase();
    private Pipeline pipeline;
    private Plan plan;

    @BeforeEach
    void write() throws Exception {
        sql(TABLES);
        String user = SharedStack.postgres().superuser();
        String password = SharedStack.postgres().password();
        String text = CONFIGURATION
                .formatted(
                        source,
                        user,
                        password,
                        SharedStack.kafka().bootstrapServers(),
                        SharedStack.redis().url(),
                        SharedStack.freshDatabase(),
                        user,
                        password)
                .replace("OWN", own);
        insert(1);
        insert(3);
        sql("INSERT INTO customers VALUES (9, 'Nobody'); INSERT INTO orders VALUES (1, 1, 'raw note 1'), (2, 9, NULL)");
        plan = PlanReader.read(TidemarkConfig.load(Files.writeString(directory.resolve("tidemark.yml"), text)));
        pipeline = new Pipeline(plan, directory.resolve("state"), (place, tidemark) -> {});
        pipeline.start(SnapshotProgress.NONE);
    }

    @AfterEach
    void close() throws SQLException {
        pipeline.close();
        sql("SELECT pg_drop_replication_slot('" + own + "')");
    }

    private void insert(int id) throws SQLException {
        sql("""
                INSERT INTO customers VALUES (%s, 'Ada "ü" \\', 'ada@raw.example', '555-raw-phone', '123-raw-ssn %s',
                  987654321.25, '{"raw profile": [1.50, 1e3], "a": {"z": null, "b": "raw profile"}}',
                  '1815-12-10 01:02:03.4+01', 42.4242e30)
                """.formatted(id, id));
    }

    private void sql(String statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                source,
                SharedStack.postgres().superuser(),
                SharedStack.postgres().password());
    }

    private void awaitEverything() throws SQLException, InterruptedException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            assertThat(pipeline.await(Lsn.parse(row.getString(1)), Duration.ofSeconds(60)))
                    .isTrue();
        }
    }

    @Test
    void no_value_with_a_rule_is_in_any_topic_and_snapshot_and_stream_agree() throws Exception {
        insert(2);
        sql("UPDATE customers SET name = 'Countess' WHERE id = 3");
        sql("UPDATE customers SET id = 4 WHERE id = 3");
        sql("DELETE FROM customers WHERE id = 4");
        sql("INSERT INTO orders VALUES (3, 2, 'raw note 3'); UPDATE orders SET note = 'raw note 4' WHERE id = 1");
        sql("UPDATE customers SET email = NULL, phone = NULL, born = NULL WHERE id = 9");
        awaitEverything();

        assertThat(new Reconciliations(plan, pipeline.stores(), pipeline.tidemarks(), ReconcileLimits.defaults())
                        .run(plan.models(), Progress.NONE))
                .hasSize(3)
                .allSatisfy(
                        report -> assertThat(report.verdict()).as(report.text()).isEqualTo(Verdict.NO_DRIFT));
        Map<String, List<ConsumerRecord<byte[], byte[]>>> topics = topics();
        assertNothingRaw(topics);
        ObjectNode snapshot = after(topics, "r", 1);
        ObjectNode stream = after(topics, "c", 2);
        assertThat(Json.canonical(stream.without("id"))).isEqualTo(Json.canonical(snapshot.without("id")));
        assertThat(snapshot.required("phone").textValue()).isEqualTo("***");
        assertThat(snapshot.required("email").textValue()).matches("[0-9a-f]{64}");
        assertThat(after(topics, "u", 9).required("email").isNull()).isTrue();
    }

    @Test
    void a_column_that_is_renamed_does_not_go_on_without_its_rule() throws Exception {
        sql("ALTER TABLE customers RENAME email TO mail");
        insert(2);
        assertThatThrownBy(() -> pipeline.awaitFailure())
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_CAPTURABLE))
                .hasMessageContaining("column 'email' of public.customers is not there");
        assertNothingRaw(topics());
    }

    private static void assertNothingRaw(Map<String, List<ConsumerRecord<byte[], byte[]>>> topics) {
        assertThat(topics).hasSizeGreaterThan(5);
        topics.forEach((topic, records) -> records.forEach(record -> {
            StringBuilder bytes = new StringBuilder(text(record.key())).append(text(record.value()));
            for (Header header : record.headers()) {
                bytes.append(text(header.value()));
            }
            assertThat(bytes.toString()).as(topic).doesNotContain(RAW);
        }));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private ObjectNode after(Map<String, List<ConsumerRecord<byte[], byte[]>>> topics, String operation, int id) {
        return topics.get(own + ".public.customers").stream()
                .filter(record -> record.value() != null)
                .map(record -> Json.parse(record.value()))
                .filter(change -> change.required("op").textValue().equals(operation))
                .map(change -> change.required("after"))
                .filter(after -> after.required("id").intValue() == id)
                .map(JsonNode::<ObjectNode>deepCopy)
                .findFirst()
                .orElseThrow();
    }

    /** Every record of every topic of this test, the assemblers' own and what was aborted included. */
    private Map<String, List<ConsumerRecord<byte[], byte[]>>> topics() {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", SharedStack.kafka().bootstrapServers(),
                "key.deserializer", ByteArrayDeserializer.class,
                "value.deserializer", ByteArrayDeserializer.class);
        Map<String, List<ConsumerRecord<byte[], byte[]>>> topics = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
                    .filter(topic -> topic.getKey().startsWith(own))
                    .flatMap(topic -> topic.getValue().stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            partitions.forEach(partition -> topics.put(partition.topic(), new ArrayList<>()));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.getOrDefault(each, 0L))) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> topics.get(record.topic()).add(record));
            }
        }
        return topics;
    }
}
