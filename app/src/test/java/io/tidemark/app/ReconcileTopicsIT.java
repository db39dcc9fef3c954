package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import io.tidemark.testkit.SharedStack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark reconcile topics}: what was captured is held against the source. */
@Timeout(120)
class ReconcileTopicsIT {

    private static final long SEED = Long.getLong("tidemark.crash.seed", System.nanoTime());

    @TempDir
    private Path directory;

    private MirroredShop shop;
    private Commands commands;

    @BeforeEach
    void capture() throws Exception {
        shop = new MirroredShop(directory, 5000);
        commands = new Commands(shop.configFile());
        shop.capture();
    }

    @AfterEach
    void close() throws Exception {
        shop.close();
    }

    @Test
    void topics_equal_the_source_while_it_is_written_to_altered_and_truncated() throws Exception {
        try (var traffic = shop.new Traffic(SEED)) {
            shop.execute("ALTER TABLE orders ADD COLUMN note text");
            shop.execute("ALTER TABLE orders DROP COLUMN placed");
            for (int run = 0; run < 4; run++) {
                shop.execute(run == 1 ? "TRUNCATE carts" : "UPDATE orders SET note = 'run' WHERE id % 9 = " + run);
                traffic.awaitMore(50);
                assertThat(commands.run("reconcile", "topics"))
                        .as("seed %s: %s", SEED, commands)
                        .isZero();
                assertThat(commands.out()).startsWith("topics in kafka: no drift as of tidemark ");
            }
            assertThat(commands.run("reconcile", "topics", "public.carts", "--json"))
                    .isZero();
        }
        assertThat(Json.parse(commands.out()).at("/reports/0/compared").longValue())
                .isLessThan(4000);
    }

    @Test
    void rows_that_were_captured_wrong_are_found_and_named() throws Exception {
        Map<String, ConsumerRecord<byte[], byte[]>> orders = newest("orders");
        Map<String, ConsumerRecord<byte[], byte[]>> customers = newest("customers");
        try (KafkaProducer<byte[], byte[]> somebody = producer()) {
            edit(somebody, orders.get("{\"id\":17}"), "18.70", "18.7");
            edit(somebody, customers.get("{\"id\":30}"), "name 30", "name 3O");
            edit(somebody, customers.get("{\"id\":31}"), "***", "31@example.com");
            send(somebody, copy(orders.get("{\"id\":40}"), "{\"id\":40}", null));
            String row = text(orders.get("{\"id\":41}")).replace("\"id\":41,", "\"id\":99999,");
            send(somebody, copy(orders.get("{\"id\":41}"), "{\"id\":99999}", row));
        }
        // Tidemarks that cover what was planted.
        shop.execute("UPDATE orders SET customer = 0 WHERE id > 2000");
        shop.execute("UPDATE customers SET name = 'other' WHERE id > 2000");

        Path file = directory.resolve("report.json");
        assertThat(commands.run("reconcile", "topics", "--report", file.toString()))
                .as(commands.toString())
                .isEqualTo(1);

        Map<String, String> found = new TreeMap<>();
        for (JsonNode drift : Json.parse(Files.readString(file)).at("/reports/0/drift")) {
            found.put(
                    drift.get("collection").asText() + drift.get("key"),
                    drift.get("kind").asText());
        }
        assertThat(found)
                .containsOnly(
                        Map.entry("public.orders{\"id\":17}", "different"),
                        Map.entry("public.customers{\"id\":30}", "different"),
                        Map.entry("public.customers{\"id\":31}", "different"),
                        Map.entry("public.orders{\"id\":40}", "missing"),
                        Map.entry("public.orders{\"id\":99999}", "extra"));
        assertThat(commands.run("reconcile", "topics", "public.carts")).isZero();
    }

    @Test
    void what_cannot_be_compared_is_said() throws Exception {
        assertThat(commands.run("reconcile", "topics", "public.nothing")).isEqualTo(2);
        assertThat(commands.err()).contains("Table 'public.nothing' is not captured");
        assertThat(commands.run("reconcile", "warehouse", "topics")).isEqualTo(2);
        assertThat(commands.run("reconcile", "--repair", "topics")).isEqualTo(2);
        assertThat(commands.err()).contains("Topics are not repaired by --repair");
        assertThat(commands.run("reconcile")).isEqualTo(2);
        assertThat(commands.err()).contains("MODEL... | --all");
        shop.stop();
        shop.execute("DELETE FROM carts");
        assertThat(commands.run("reconcile", "topics", "--timeout", "1")).isEqualTo(2);
        assertThat(commands.err()).contains("capture is not running");
    }

    @Test
    void topics_of_another_timeline_are_not_held_against_the_source() throws Exception {
        shop.stop();
        ConsumerRecord<byte[], byte[]> state =
                newestOf(shop.plan().topics().state()).get("capture");
        try (KafkaProducer<byte[], byte[]> somebody = producer()) {
            edit(somebody, state, "\"timeline\":1", "\"timeline\":7");
        }

        assertThat(commands.run("reconcile", "topics")).as(commands.toString()).isEqualTo(2);
        assertThat(commands.out()).contains("could not tell").contains("timeline 1 instead of");
        assertThat(commands.run("reconcile", "--all")).isEqualTo(4);
        assertThat(commands.err()).contains("timeline 1 instead of").contains("'tidemark recover'");
        assertThat(commands.run("recover")).isEqualTo(4);
        assertThat(commands.err()).contains("--other-timeline");
        assertThat(commands.run("recover", "--other-timeline"))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out()).startsWith("0 rows were written and 0 deleted");
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** The newest record of each key. */
    private Map<String, ConsumerRecord<byte[], byte[]>> newest(String table) {
        return newestOf(shop.plan().topics().changes(TableId.parse("public." + table)));
    }

    private static Map<String, ConsumerRecord<byte[], byte[]>> newestOf(String topic) {
        Map<String, ConsumerRecord<byte[], byte[]>> newest = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", SharedStack.kafka().bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> newest.put(new String(record.key(), StandardCharsets.UTF_8), record));
            }
        }
        return newest;
    }

    private static String text(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }

    private static void edit(
            KafkaProducer<byte[], byte[]> somebody, ConsumerRecord<byte[], byte[]> record, String from, String to) {
        assertThat(text(record)).contains(from);
        send(
                somebody,
                copy(
                        record,
                        new String(record.key(), StandardCharsets.UTF_8),
                        text(record).replace(from, to)));
    }

    private static void send(KafkaProducer<byte[], byte[]> somebody, ProducerRecord<byte[], byte[]> record) {
        try {
            somebody.send(record).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record like another one, of the same version. */
    private static ProducerRecord<byte[], byte[]> copy(ConsumerRecord<byte[], byte[]> like, String key, String value) {
        ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>(
                like.topic(),
                partition(like, key),
                key.getBytes(StandardCharsets.UTF_8),
                value == null ? null : value.getBytes(StandardCharsets.UTF_8));
        like.headers().forEach(copy.headers()::add);
        return copy;
    }

    private static Integer partition(ConsumerRecord<byte[], byte[]> like, String key) {
        return key.equals(new String(like.key(), StandardCharsets.UTF_8)) ? like.partition() : null;
    }
}
