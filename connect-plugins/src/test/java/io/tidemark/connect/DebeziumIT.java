package io.tidemark.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.localstack.ConnectWorker;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
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
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Beside Debezium's own plugins in the same workers: its PostgreSQL connector before our sinks, its JDBC sink behind our topics. */
class DebeziumIT {

    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";
    private static final String CONVERTER = "io.tidemark.connect.converter.TidemarkConverter";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicInteger NAMES = new AtomicInteger();

    private static ConnectRest rest;

    private final List<String> connectors = new ArrayList<>();
    private final String name = "d" + NAMES.incrementAndGet();
    private final PostgresServer server = SharedStack.postgres();
    private final String source = SharedStack.freshDatabase();

    @BeforeAll
    static void start() {
        rest = new ConnectRest(Plugins.cluster());
    }

    /** The sinks first: a slot is free once its connector is gone. */
    @AfterEach
    void delete() {
        for (int i = connectors.size() - 1; i >= 0; i--) {
            rest.delete(connectors.get(i));
        }
        String active = "select count(*) from pg_replication_slots where active and database = current_database()";
        await().atMost(PATIENCE).until(() -> ask(active).equals("0"));
        execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
    }

    @Test
    void a_stock_connectors_envelopes_with_schemas_are_masked_and_become_rows() {
        execute(
                "create table orders (id bigint primary key, total numeric(12,2), status text default 'new', notes text)",
                "insert into orders values (1, 1.10, 'new', null), (2, 2.20, 'new', 'x'), (3, 3.30, 'new', 'x')");
        // Else the converter puts a column's default in the place of null, at either end.
        Map<String, String> nulls = Map.of("value.converter.replace.null.with.default", "false");
        Map<String, String> schemas = new HashMap<>(nulls);
        schemas.put("value.converter.schemas.enable", "true");
        schemas.put("key.converter.schemas.enable", "true");
        source(schemas);
        Target target = Target.sql(name, topic());
        Map<String, String> config = new HashMap<>(nulls);
        config.put("value.converter", JSON);
        config.put("key.converter", JSON);
        config.put("columns", "status:text");
        config.put("transforms", "mask");
        config.put("transforms.mask.type", "io.tidemark.connect.transforms.MaskFields$Value");
        config.put("transforms.mask.fields", "before.notes,after.notes");
        config.put("transforms.mask.predicate", "orders");
        config.put("predicates", "orders");
        config.put("predicates.orders.type", "io.tidemark.connect.transforms.TableMatches");
        config.put("predicates.orders.pattern", "public\\.orders");
        sink(target, config);
        awaitContents(
                target,
                Map.of(
                        1L,
                        row(1, "1.10", "new", null),
                        2L,
                        row(2, "2.20", "new", "***"),
                        3L,
                        row(3, "3.30", "new", "***")));
        execute(
                "update orders set status = 'paid' where id = 1",
                "delete from orders where id = 2",
                "update orders set id = 4 where id = 3");
        awaitContents(target, Map.of(1L, row(1, "1.10", "paid", null), 4L, row(4, "3.30", "new", "***")));
        execute("update orders set status = null where id = 1");
        awaitContents(target, Map.of(1L, row(1, "1.10", null, null), 4L, row(4, "3.30", "new", "***")));
    }

    @Test
    void flattened_rows_without_schemas_are_written_and_a_placeholder_goes_to_the_dead_letter_topic() {
        execute(
                "create table orders (id bigint primary key, total numeric(12,2), status text, notes text)",
                "alter table orders alter notes set storage external",
                "insert into orders values (1, 1.10, 'new', repeat('x', 10000)), (2, 2.20, 'new', 'y')");
        source(Map.of(
                "value.converter.schemas.enable", "false",
                "key.converter.schemas.enable", "false",
                "decimal.handling.mode", "string"));
        Target target = Target.redis(name, topic());
        Map<String, String> config = new HashMap<>(Map.of(
                "value.converter", JSON,
                "key.converter", JSON,
                "value.converter.schemas.enable", "false",
                "key.converter.schemas.enable", "false",
                "transforms", "unwrap",
                "transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState",
                "transforms.unwrap.delete.tombstone.handling.mode", "rewrite"));
        config.put("errors.tolerance", "all");
        config.put("errors.deadletterqueue.topic.name", name + "-dead");
        config.put("errors.deadletterqueue.topic.replication.factor", "1");
        config.put("errors.deadletterqueue.context.headers.enable", "true");
        sink(target, config);
        String big = "x".repeat(10_000);
        awaitContents(target, Map.of(1L, row(1, "\"1.10\"", "new", big), 2L, row(2, "\"2.20\"", "new", "y")));
        execute(
                "update orders set status = 'torn' where id = 1",
                "delete from orders where id = 2",
                "insert into orders values (3, 3.30, 'last', null)");
        awaitContents(target, Map.of(1L, row(1, "\"1.10\"", "new", big), 3L, row(3, "\"3.30\"", "last", null)));
        assertThat(DeadLetters.of(name + "-dead", 1)).singleElement().satisfies(record -> assertThat(record.value())
                .contains("torn", "__debezium_unavailable_value"));
    }

    /**
     * Workers go and come, and with them the sinks' tasks, while the source is written; what it says in the end is the judge.
     * The worker with Debezium's own task stays until the others have moved: its restarts are not ours to prove.
     */
    @Test
    void rebalances_under_load_leave_in_every_store_what_the_sources_sql_says() {
        execute("create table orders (id bigint primary key, total numeric(12,2), status text, notes text)");
        source(Map.of("value.converter.schemas.enable", "true", "key.converter.schemas.enable", "true"));
        List<Target> targets = Target.all(name, topic());
        targets.forEach(target -> sink(target.kind(), target, Map.of("value.converter", JSON, "key.converter", JSON)));
        await().atMost(PATIENCE).until(() -> rest.workers(name + "-source").size() == 1);
        ConnectWorker other = Plugins.cluster().workers().stream()
                .filter(worker -> !worker.url()
                        .endsWith(rest.workers(name + "-source").iterator().next()))
                .findFirst()
                .orElseThrow();
        String there = other.url().substring("http://".length());
        Random random = new Random(5);
        for (int round = 0; round < 2; round++) {
            writeUntil(random, () -> targets.stream().anyMatch(target -> runsAt(target, there)));
            other.kill();
            writeUntil(random, () -> targets.stream().noneMatch(target -> runsAt(target, there)));
            other.restart();
        }
        Map<Long, String> expected = rows();
        assertThat(expected).hasSizeGreaterThan(100);
        targets.forEach(target -> awaitContents(target, expected));
    }

    private boolean runsAt(Target target, String worker) {
        return rest.workers(name + "-" + target.kind()).contains(worker);
    }

    private void writeUntil(Random random, Callable<Boolean> moved) {
        await().atMost(PATIENCE).until(() -> {
            write(random, 40);
            return moved.call();
        });
    }

    /** Statements that insert, change and delete rows, each a transaction. */
    private void write(Random random, int statements) {
        String[] batch = new String[statements];
        for (int i = 0; i < statements; i++) {
            int id = random.nextInt(300);
            batch[i] = random.nextInt(4) == 0
                    ? "delete from orders where id = " + id
                    : "insert into orders values (" + id + ", " + random.nextInt(10_000) + " / 100.0, 's" + i
                            + "', null) on conflict (id) do update set total = excluded.total, status = excluded.status";
        }
        execute(batch);
    }

    private Map<Long, String> rows() {
        Map<Long, String> rows = new TreeMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id, to_jsonb(o)::text from orders o")) {
            while (row.next()) {
                rows.put(row.getLong(1), Json.canonical(Json.parse(row.getString(2))));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return rows;
    }

    private static String row(long id, String total, String status, String notes) {
        return "{\"id\":" + id + ",\"notes\":" + text(notes) + ",\"status\":" + text(status) + ",\"total\":" + total
                + "}";
    }

    private static String text(String value) {
        return value == null ? "null" : "\"" + value + "\"";
    }

    @Test
    void debeziums_jdbc_sink_reads_our_change_topics_through_our_converter() {
        Relation table = new Relation(
                new TableId("public", "orders"),
                List.of(
                        new Column("id", "bigint", 20, false),
                        new Column("total", "numeric(12,2)", 1700, true),
                        new Column("placed", "timestamp with time zone", 1184, true),
                        new Column("doc", "jsonb", 3802, true)),
                List.of("id"),
                List.of(),
                1);
        Topic.make(name + ".relations", 1);
        send(name + ".relations", "public.orders", Json.text(table.toJson()));
        try (Topic topic = Topic.create(topic())) {
            topic.commit(t -> {
                t.change(
                        1,
                        new Version(5, 0),
                        change(
                                "c",
                                "{\"id\":1,\"total\":1.10,\"placed\":\"2026-01-01T00:00:00+00:00\",\"doc\":{\"a\":1.0}}"));
                t.change(2, new Version(5, 1), change("c", "{\"id\":2,\"total\":2.20,\"placed\":null,\"doc\":null}"));
                t.change(2, new Version(6, 0), change("d", null).replace("\"before\":null", "\"before\":{\"id\":2}"));
            });
            Map<String, String> config = new HashMap<>(Map.of(
                    "connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector",
                    "topics", topic(),
                    "connection.url", source,
                    "connection.username", server.superuser(),
                    "connection.password", server.password(),
                    "insert.mode", "upsert",
                    "delete.enabled", "true",
                    "primary.key.mode", "record_key",
                    "schema.evolution", "basic",
                    "collection.name.format", "orders"));
            config.put("consumer.override.isolation.level", "read_committed");
            config.put("header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
            for (String part : List.of("key", "value")) {
                config.put(part + ".converter", CONVERTER);
                config.put(part + ".converter.prefix", name);
                config.put(part + ".converter.bootstrap.servers", Topic.bootstrapServers());
            }
            create(name + "-jdbc", config);
            await().atMost(PATIENCE)
                    .failFast(() -> rest.status(name + "-jdbc").toString().contains("FAILED"))
                    .ignoreExceptions()
                    .untilAsserted(
                            () -> assertThat(ask(
                                            "select json_agg(o order by id)::text from (select id, total, placed at time zone 'utc' as"
                                                    + " placed, doc from orders) o"))
                                    .isEqualTo(
                                            "[{\"id\":1,\"total\":1.10,\"placed\":\"2026-01-01T00:00:00\",\"doc\":{\"a\":1.0}}]"));
        }
    }

    /** Of a delete PostgreSQL sends the key at least. */
    private String change(String op, String after) {
        return "{\"op\":\"" + op + "\",\"ts_ms\":7,\"before\":null,\"after\":" + after
                + ",\"source\":{\"version\":\"tidemark\",\"connector\":\"postgresql\",\"name\":\"" + name
                + "\",\"ts_ms\":7,\"snapshot\":\"false\",\"db\":\"d\",\"schema\":\"public\",\"table\":\"orders\","
                + "\"txId\":9,\"lsn\":10}}";
    }

    private static void send(String topic, String key, String value) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, Topic.bootstrapServers(),
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class))) {
            var unused = producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value.getBytes(UTF_8)));
        }
    }

    private String topic() {
        return name + ".public.orders";
    }

    private void source(Map<String, String> others) {
        URI url = URI.create(source.substring("jdbc:".length()));
        Map<String, String> config = new HashMap<>(others);
        config.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.put("database.hostname", url.getHost());
        config.put("database.port", Integer.toString(url.getPort()));
        config.put("database.dbname", url.getPath().substring(1));
        config.put("database.user", server.superuser());
        config.put("database.password", server.password());
        config.put("topic.prefix", name);
        config.put("table.include.list", "public.orders");
        config.put("plugin.name", "pgoutput");
        config.put("slot.name", "slot_" + name);
        config.put("publication.name", "publication_" + name);
        config.put("publication.autocreate.mode", "filtered");
        config.put("poll.interval.ms", "20");
        config.put("key.converter", JSON);
        config.put("value.converter", JSON);
        config.put("topic.creation.default.partitions", "2");
        config.put("topic.creation.default.replication.factor", "1");
        create(name + "-source", config);
    }

    private void sink(Target target, Map<String, String> others) {
        sink("sink", target, others);
    }

    private void sink(String suffix, Target target, Map<String, String> others) {
        Map<String, String> config = target.connector(others);
        config.put("topics", topic());
        config.put("kafka.bootstrap.servers", Topic.bootstrapServers());
        config.put("consumer.override.metadata.max.age.ms", "1000");
        config.put("consumer.override.session.timeout.ms", "6000");
        create(name + "-" + suffix, config);
    }

    private void create(String connector, Map<String, String> config) {
        rest.create(connector, config);
        connectors.add(connector);
    }

    private void awaitContents(Target target, Map<Long, String> contents) {
        await(target.kind())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(TidemarkException.class)
                .failFast(
                        "a task failed",
                        () -> connectors.forEach(connector -> {
                            String status = rest.status(connector).toString();
                            if (status.contains("FAILED")) {
                                throw new AssertionError(status);
                            }
                        }))
                .untilAsserted(() -> assertThat(target.contents()).isEqualTo(contents));
    }

    private void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String ask(String question) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(source, server.superuser(), server.password());
    }
}
