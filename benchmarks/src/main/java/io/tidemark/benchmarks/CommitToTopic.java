package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Time from a commit's return until a {@code read_committed} consumer has the row, while one capture runs; beside it,
 * what Kafka alone takes for records of that size, produced at the same rate.
 */
final class CommitToTopic implements Scenario {

    private static final double P99_MS = 30;
    private static final int SECONDS = 15;
    private static final int WARM_UP_SECONDS = 10;

    private long nextId = 1;
    private int valueBytes;

    @Override
    public List<Measurement> run(Session session) throws IOException, InterruptedException {
        session.begin("commit to topic");
        List<Measurement> measured = new ArrayList<>();
        try (TidemarkToKafka capture = new TidemarkToKafka(session.testbed())) {
            capture.prepare();
            Lane kafka = session.testbed().lane();
            ChangeTopic plain = new ChangeTopic(session.testbed(), kafka);
            plain.create();
            try (Worker worker = capture.start()) {
                commits(session, capture.lane(), 1000, WARM_UP_SECONDS);
                produced(kafka, 1000, WARM_UP_SECONDS);
                for (int rate : List.of(200, 1000)) {
                    measured.add(measure(session, capture.lane(), kafka, rate));
                }
                worker.kill();
            }
            plain.delete();
        }
        return measured;
    }

    private Measurement measure(Session session, Lane capture, Lane kafka, int rate) throws InterruptedException {
        int seconds = (int) Math.max(2, SECONDS * Math.min(1, session.scale()));
        Series commits = new Series();
        Series alone = new Series();
        for (int pair = 0; pair < session.pairs(); pair++) {
            commits.add(commits(session, capture, rate, seconds));
            alone.add(produced(kafka, rate, seconds));
            session.say("  " + rate + "/s  tidemark " + commits.last() + "  kafka alone " + alone.last());
        }
        ObjectNode details = Json.object().put("value_bytes", valueBytes);
        details.set("tidemark", commits.toJson());
        details.set("kafka alone", alone.toJson());
        String bound = String.format(
                Locale.ROOT,
                "p50 %.1f ms; Kafka alone p50 %.1f, p99 %.1f ms; one Kafka transaction's commit, one at a time",
                commits.p50(),
                alone.p50(),
                alone.p99());
        return new Measurement(
                "commit to topic, " + rate + " commits/s: p99", commits.p99(), "ms", P99_MS, bound, details);
    }

    private Histogram commits(Session session, Lane lane, int rate, int seconds) throws InterruptedException {
        int count = rate * seconds;
        try (Arrivals arrivals = new Arrivals(lane, lane.topics().changes(Lane.TABLE), nextId, count);
                Connection connection = session.testbed().connect();
                PreparedStatement insert = Testbed.singleInsert(connection)) {
            arrivals.start();
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                Turns.await(start, i, rate);
                insert.setLong(1, nextId);
                insert.setLong(2, nextId);
                insert.executeUpdate();
                arrivals.sent(nextId++, System.nanoTime());
            }
            Histogram micros = arrivals.await();
            valueBytes = arrivals.valueBytes();
            return micros;
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL refuses a row: " + e.getMessage(), e);
        }
    }

    private Histogram produced(Lane lane, int rate, int seconds) throws InterruptedException {
        int count = rate * seconds;
        String topic = lane.topics().changes(Lane.TABLE);
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                lane.bootstrapServers(),
                "acks",
                "all",
                "linger.ms",
                0,
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class);
        try (Arrivals arrivals = new Arrivals(lane, topic, nextId, count);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
            producer.partitionsFor(topic);
            arrivals.start();
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                Turns.await(start, i, rate);
                arrivals.sent(nextId, System.nanoTime());
                // A record that is lost is one that does not arrive.
                var unused = producer.send(new ProducerRecord<>(topic, value(nextId++)));
            }
            return arrivals.await();
        }
    }

    private byte[] value(long id) {
        byte[] value = new byte[valueBytes];
        Arrays.fill(value, (byte) ' ');
        byte[] row = String.format(Locale.ROOT, "row:%012d:", id).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(row, 0, value, 0, row.length);
        return value;
    }
}
