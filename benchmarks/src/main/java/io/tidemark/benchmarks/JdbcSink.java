package io.tidemark.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.cli.ConnectStandalone;
import org.apache.kafka.connect.converters.ByteArrayConverter;

/**
 * Debezium's JDBC sink in a standalone Kafka Connect worker, upserts into a table with key, document and position. They
 * are not guarded. Time runs from the first row that is visible until the last of each partition is.
 *
 * @param plugin directory of the unpacked plugin
 * @param unnest whether rows of a batch are one statement over arrays
 */
record JdbcSink(Testbed testbed, Path plugin, boolean unnest, FilledDocuments documents, SqlPlace place)
        implements Contender {

    @Override
    public String name() {
        return unnest ? "debezium jdbc sink, unnest" : "debezium jdbc sink";
    }

    @Override
    public void prepare() {
        // The table is made when its turn comes.
    }

    @Override
    public Run run(Backlog backlog) throws IOException, InterruptedException {
        String table = place.table().quoted();
        place.execute("CREATE SCHEMA " + place.name());
        place.execute("CREATE TABLE " + table
                + " (id bigint PRIMARY KEY, document jsonb NOT NULL, _tidemark bigint NOT NULL)");
        String ids = documents.lastIds().stream().map(String::valueOf).collect(Collectors.joining(","));
        String lastOnes =
                "SELECT count(*) = " + documents.lastIds().size() + " FROM " + table + " WHERE id IN (" + ids + ")";
        try (Worker worker = start();
                Connection connection = place.connect();
                Statement statement = connection.createStatement()) {
            Run run = run(backlog.expected().rows(), worker, statement, lastOnes);
            worker.kill();
            place.content().require(backlog.expected(), name());
            return run;
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL cannot be asked", e);
        }
    }

    private Run run(long rows, Worker worker, Statement statement, String lastOnes) throws InterruptedException {
        await(worker, statement, "SELECT EXISTS (SELECT FROM " + place.table().quoted() + ")");
        double first = worker.seconds();
        double firstCpu = worker.cpuSeconds();
        await(worker, statement, lastOnes);
        double last = worker.seconds();
        return new Run(rows, last - first, last, worker.cpuSeconds() - firstCpu);
    }

    /** A worker whose only task died runs on. */
    private static void await(Worker worker, Statement statement, String question) throws InterruptedException {
        worker.await(() -> {
            worker.requireNotLogged("Task is being killed and will not recover");
            return says(statement, question);
        });
    }

    private static boolean says(Statement statement, String question) {
        try (ResultSet row = statement.executeQuery(question)) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses: " + question, e);
        }
    }

    private Worker start() throws IOException {
        Path sink = write("sink", sink());
        return Worker.jvm(
                testbed,
                Worker.HEAP_MB,
                ConnectStandalone.class,
                List.of(write("worker", worker()).toString(), sink.toString()));
    }

    private Map<String, String> worker() {
        Map<String, String> worker = new LinkedHashMap<>();
        worker.put("bootstrap.servers", documents.lane().bootstrapServers());
        worker.put("listeners", "http://127.0.0.1:0");
        worker.put("plugin.path", String.valueOf(plugin.toAbsolutePath().getParent()));
        worker.put("plugin.discovery", "hybrid_warn");
        worker.put("offset.storage.file.filename", file("offsets").toString());
        worker.put("key.converter", DocumentConverter.class.getName());
        worker.put("value.converter", DocumentConverter.class.getName());
        // The default one takes the bytes of a position for a list, which the sink cannot take.
        worker.put("header.converter", ByteArrayConverter.class.getName());
        worker.put("consumer.isolation.level", "read_committed");
        return worker;
    }

    private Map<String, String> sink() {
        Map<String, String> sink = new LinkedHashMap<>();
        sink.put("name", place.name());
        sink.put("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector");
        sink.put("tasks.max", "1");
        sink.put("topics", documents.topic());
        sink.put("connection.url", place.url());
        sink.put("connection.username", place.user());
        sink.put("connection.password", place.password());
        sink.put("insert.mode", "upsert");
        sink.put("primary.key.mode", "record_key");
        sink.put("primary.key.fields", "id");
        sink.put("schema.evolution", "none");
        sink.put("collection.name.format", place.table().toString());
        // Tidemarks are none of its business.
        sink.put("transforms", "documents");
        sink.put("transforms.documents.type", "org.apache.kafka.connect.transforms.Filter");
        sink.put("transforms.documents.predicate", "tombstone");
        sink.put("predicates", "tombstone");
        sink.put("predicates.tombstone.type", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone");
        if (unnest) {
            sink.put("dialect.postgres.unnest.insert.enabled", "true");
        }
        return sink;
    }

    private Path write(String kind, Map<String, String> properties) throws IOException {
        return Files.writeString(
                file(kind),
                properties.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    private Path file(String kind) {
        return testbed.directory().resolve(place.name() + "-" + kind + ".properties");
    }

    @Override
    public void close() {
        place.close();
    }
}
