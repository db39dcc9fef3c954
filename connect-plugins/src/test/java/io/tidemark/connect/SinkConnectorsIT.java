package io.tidemark.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.localstack.ConnectCluster;
import io.tidemark.localstack.ConnectWorker;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Version;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.TcpProxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** The three sinks in a cluster of two real workers, plugins from the built zips, driven through REST alone. */
class SinkConnectorsIT {

    private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicInteger NAMES = new AtomicInteger();

    private static ConnectCluster cluster;
    private static ConnectRest rest;

    private final List<String> connectors = new ArrayList<>();
    private final String name = "s" + NAMES.incrementAndGet();

    @BeforeAll
    static void start() {
        cluster = Plugins.cluster();
        rest = new ConnectRest(cluster);
    }

    @AfterEach
    void delete() {
        connectors.forEach(rest::delete);
    }

    @Test
    void documents_topics_are_written_as_of_their_markers_and_not_before_they_are_committed() {
        try (Topic topic = documents()) {
            List<Target> targets = Target.all(name, model());
            topic.commit(t -> {
                t.document(1, 5, "{\"id\":1,\"total\":1.10}");
                t.document(2, 5, "{\"id\":2,\"total\":12345678901234567890.50}");
                t.document(3, 5, "{\"id\":3}");
                t.mark(5);
            });
            targets.forEach(target -> start(target, documents(topic)));
            targets.forEach(target -> awaitApplied(target, 5));
            topic.abort(t -> {
                t.document(1, 6, "{\"id\":1,\"total\":0}");
                t.mark(6);
            });
            topic.commit(t -> {
                t.document(2, 7, null);
                t.document(3, 7, "{\"id\":3,\"v\":\"new\"}");
                t.mark(7);
            });
            targets.forEach(target -> awaitApplied(target, 7));
            assertThat(targets).allSatisfy(target -> assertThat(target.contents())
                    .isEqualTo(Map.of(1L, "{\"id\":1,\"total\":1.10}", 3L, "{\"id\":3,\"v\":\"new\"}")));
        }
    }

    @Test
    void a_random_history_is_right_with_a_worker_killed_while_it_is_written_and_when_it_is_replayed() {
        Random random = new Random(11);
        Map<Long, String> expected = new TreeMap<>();
        List<Target> targets = Target.all(name, model());
        try (Topic topic = documents()) {
            targets.forEach(target -> start(target, documents(topic)));
            long position = 0;
            for (int batch = 0; batch < 60; batch++) {
                position = write(topic, random, expected, position);
                if (batch == 20) {
                    killOne();
                }
            }
            long last = position;
            assertThat(targets).allSatisfy(target -> awaitApplied(target, last));
            assertThat(targets)
                    .allSatisfy(target -> assertThat(target.contents()).isEqualTo(expected));
            damageRedis(expected.keySet().iterator().next());
            targets.forEach(target -> replay(target));
            targets.forEach(target -> awaitContents(target, expected));
            long further = write(topic, random, expected, position);
            assertThat(targets).allSatisfy(target -> awaitApplied(target, further));
            assertThat(targets)
                    .allSatisfy(target -> assertThat(target.contents()).isEqualTo(expected));
        }
    }

    private static long write(Topic topic, Random random, Map<Long, String> expected, long before) {
        long position = before + 1 + random.nextInt(3);
        topic.commit(t -> {
            for (int i = 0; i < 20; i++) {
                long id = random.nextInt(300);
                String value = random.nextInt(4) == 0 ? null : "{\"id\":" + id + ",\"v\":" + position + "." + i + "}";
                // A key has one content per position.
                if (!seen(expected, id, position)) {
                    t.document(id, position, value);
                    if (value == null) {
                        expected.remove(id);
                    } else {
                        expected.put(id, value);
                    }
                }
            }
            t.mark(position);
        });
        return position;
    }

    private static boolean seen(Map<Long, String> expected, long id, long position) {
        return expected.getOrDefault(id, "").contains("\"v\":" + position + ".");
    }

    /** A replay that did nothing would leave it so. */
    private void damageRedis(long id) {
        try (Jedis jedis = new Jedis(URI.create(SharedStack.redis().url()))) {
            assertThat(jedis.del(name + ":" + id)).isEqualTo(1);
        }
    }

    private static void killOne() {
        ConnectWorker worker = cluster.workers().get(1);
        worker.kill();
        worker.restart();
    }

    private void replay(Target target) {
        String connector = connector(target);
        rest.put(connector, "stop");
        await().atMost(PATIENCE).until(() -> rest.tasks(connector).isEmpty());
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            rest.resetOffsets(connector);
            return true;
        });
        rest.put(connector, "resume");
    }

    @Test
    void a_store_that_was_emptied_is_filled_again_from_the_documents_topic() {
        Target target = Target.redis(name, model());
        try (Topic topic = documents()) {
            start(target, documents(topic));
            topic.commit(t -> {
                t.document(1, 5, "{\"id\":1}");
                t.mark(5);
            });
            awaitApplied(target, 5);
            flush();
            topic.commit(t -> {
                t.document(2, 6, "{\"id\":2}");
                t.mark(6);
            });
            awaitApplied(target, 6);
            assertThat(target.contents()).isEqualTo(Map.of(1L, "{\"id\":1}", 2L, "{\"id\":2}"));
        }
    }

    private static void flush() {
        try (Jedis jedis = new Jedis(URI.create(SharedStack.redis().url()))) {
            jedis.flushAll();
        }
    }

    @Test
    void an_answer_of_the_store_that_is_lost_is_a_batch_written_again() {
        List<TcpProxy> proxies = new ArrayList<>();
        List<Target> targets = Target.all(name, model()).stream()
                .map(target -> target.through(proxies))
                .toList();
        try (Topic topic = documents()) {
            targets.forEach(target -> start(target, documents(topic)));
            topic.commit(t -> {
                t.document(1, 5, "{\"id\":1}");
                t.document(2, 5, "{\"id\":2}");
                t.mark(5);
            });
            targets.forEach(target -> awaitApplied(target, 5));
            proxies.forEach(proxy -> proxy.loseAnswer(1));
            topic.commit(t -> {
                t.document(1, 6, "{\"id\":1,\"v\":2}");
                t.document(2, 6, null);
                t.mark(6);
            });
            targets.forEach(target -> awaitApplied(target, 6));
            assertThat(proxies).allMatch(TcpProxy::answerWasLost);
            assertThat(targets)
                    .allSatisfy(target -> assertThat(target.contents()).isEqualTo(Map.of(1L, "{\"id\":1,\"v\":2}")));
        } finally {
            proxies.forEach(TcpProxy::close);
        }
    }

    /** It comes back believing that its partitions are its own. */
    @Test
    void a_worker_that_stood_still_while_others_took_over_changes_nothing_when_it_goes_on() {
        List<Target> targets = Target.all(name, model());
        ConnectWorker stopped = cluster.workers().get(1);
        try (Topic topic = documents()) {
            targets.forEach(target -> start(target, documents(topic)));
            topic.commit(t -> {
                t.document(1, 5, "{\"id\":1}");
                t.document(2, 5, "{\"id\":2}");
                t.mark(5);
            });
            targets.forEach(target -> awaitApplied(target, 5));
            stopped.pause();
            topic.commit(t -> {
                t.document(1, 6, null);
                t.document(2, 6, "{\"id\":2,\"v\":1}");
                t.mark(6);
            });
            topic.commit(t -> {
                t.document(2, 7, "{\"id\":2,\"v\":2}");
                t.mark(7);
            });
            targets.forEach(target -> awaitApplied(target, 7));
            stopped.resume();
            topic.commit(t -> {
                t.document(3, 8, "{\"id\":3}");
                t.mark(8);
            });
            targets.forEach(target -> awaitApplied(target, 8));
            assertThat(targets).allSatisfy(target -> assertThat(target.contents())
                    .isEqualTo(Map.of(2L, "{\"id\":2,\"v\":2}", 3L, "{\"id\":3}")));
        } finally {
            if (stopped.isAlive()) {
                stopped.resume();
            }
        }
    }

    @Test
    void change_topics_keep_the_last_change_of_a_transaction_that_changes_a_row_twice() {
        List<Target> targets = Target.all(name, name);
        try (Topic topic = Topic.create(name)) {
            targets.forEach(target -> start(target, records(topic)));
            topic.commit(t -> {
                t.change(1, new Version(5, 0), envelope("c", "{\"id\":1,\"v\":1.0}"));
                t.change(2, new Version(5, 1), envelope("c", "{\"id\":2,\"v\":1.0}"));
            });
            targets.forEach(
                    target -> awaitContents(target, Map.of(1L, "{\"id\":1,\"v\":1.0}", 2L, "{\"id\":2,\"v\":1.0}")));
            topic.commit(t -> t.change(1, new Version(5, 2), envelope("u", "{\"id\":1,\"v\":1.10}")));
            targets.forEach(
                    target -> awaitContents(target, Map.of(1L, "{\"id\":1,\"v\":1.10}", 2L, "{\"id\":2,\"v\":1.0}")));
            topic.commit(t -> {
                t.change(1, new Version(5, 1), envelope("u", "{\"id\":1,\"v\":9}"));
                t.change(2, new Version(6, 0), envelope("d", null));
                t.change(2, new Version(6, 0), null);
            });
            targets.forEach(target -> awaitContents(target, Map.of(1L, "{\"id\":1,\"v\":1.10}")));
        }
    }

    @Test
    void truncates_of_change_topics_are_applied_by_sql_and_stop_the_others() {
        Target sql = Target.sql(name, name);
        Target redis = Target.redis(name, name);
        try (Topic topic = Topic.create(name)) {
            start(sql, records(topic));
            start(redis, records(topic));
            topic.commit(t -> {
                t.change(1, new Version(5, 0), envelope("c", "{\"id\":1}"));
                t.change(2, new Version(5, 1), envelope("c", "{\"id\":2}"));
            });
            awaitContents(redis, Map.of(1L, "{\"id\":1}", 2L, "{\"id\":2}"));
            topic.commit(t -> {
                truncate(t, 6);
                t.change(2, new Version(7, 0), envelope("c", "{\"id\":2,\"v\":7}"));
            });
            awaitContents(sql, Map.of(2L, "{\"id\":2,\"v\":7}"));
            await().atMost(PATIENCE)
                    .until(() -> rest.status(connector(redis)).toString().contains("TRUNCATE"));
        }
    }

    /** A task may begin, or move, where that is all there is to read: no record says then what keys are like. */
    @Test
    void a_truncate_in_front_of_all_else_is_applied_by_sql() {
        Target sql = Target.sql(name, name);
        try (Topic topic = Topic.create(name)) {
            topic.commit(t -> truncate(t, 6));
            start(sql, records(topic));
            awaitContents(sql, Map.of());
            topic.commit(t -> t.change(2, new Version(7, 0), envelope("c", "{\"id\":2}")));
            awaitContents(sql, Map.of(2L, "{\"id\":2}"));
        }
    }

    private static void truncate(Topic topic, long position) {
        for (int partition = 0; partition < Topic.PARTITIONS; partition++) {
            byte[] version = new Version(position, partition).encode();
            topic.send(partition, "\"__truncate\"", envelope("t", null), Map.of(Version.HEADER, version));
        }
    }

    /** What it claimed would be true of documents that no reader is given. */
    @Test
    void a_sink_of_one_build_is_refused_where_readers_are_given_another() {
        List<Target> targets = Target.all(name, Target.generation(model(), 3));
        try (Topic served = Topic.create(name + "." + model() + ".3.documents");
                Topic first = documents()) {
            targets.forEach(target -> start(target, documents(served)));
            served.commit(t -> {
                t.document(1, 50, "{\"id\":1,\"v\":3}");
                t.mark(50);
            });
            targets.forEach(target -> awaitApplied(target, 50));
            first.commit(t -> {
                t.document(1, 70, "{\"id\":1,\"v\":1}");
                t.mark(70);
            });
            targets.forEach(target -> start(connector(target) + "-first", target, documents(first)));
            targets.forEach(target -> await(target.kind()).atMost(PATIENCE).untilAsserted(() -> assertThat(
                            rest.status(connector(target) + "-first").toString())
                    .contains("FAILED", "choose another")));
            served.commit(t -> t.mark(51));
            targets.forEach(target -> awaitApplied(target, 51));
            assertThat(targets)
                    .allSatisfy(target -> assertThat(target.contents()).isEqualTo(Map.of(1L, "{\"id\":1,\"v\":3}")));
        }
    }

    private static String envelope(String op, String after) {
        return "{\"op\":\"" + op + "\",\"source\":{\"table\":\"orders\"},\"before\":null,\"after\":" + after + "}";
    }

    @Test
    void what_a_store_refuses_goes_to_the_dead_letter_topic_in_order_and_the_rest_is_written() {
        List<Target> targets = Target.all(name, name);
        try (Topic topic = Topic.create(name)) {
            for (Target target : targets) {
                Map<String, String> config = new HashMap<>(records(topic));
                config.put("errors.tolerance", "all");
                config.put("errors.deadletterqueue.topic.name", dead(target));
                config.put("errors.deadletterqueue.topic.replication.factor", "1");
                config.put("errors.deadletterqueue.context.headers.enable", "true");
                start(target, config);
            }
            topic.commit(t -> {
                t.plain(1, "{\"id\":1,\"v\":1}");
                t.plain(2, "no json");
                t.plain(2, "[2]");
                t.plain(4, "{\"id\":4,\"v\":1}");
                t.plain(2, "{\"id\":2,\"v\":3}");
            });
            Map<Long, String> written =
                    Map.of(1L, "{\"id\":1,\"v\":1}", 2L, "{\"id\":2,\"v\":3}", 4L, "{\"id\":4,\"v\":1}");
            targets.forEach(target -> awaitContents(target, written));
            targets.forEach(target -> assertThat(DeadLetters.of(dead(target), 2))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("no json", "[2]"));
        }
    }

    @Test
    void a_version_that_the_store_refuses_goes_alone_and_the_delete_before_it_is_written() {
        Target target = Target.sql(name, name);
        try (Topic topic = Topic.create(name)) {
            Map<String, String> config = new HashMap<>(records(topic));
            config.put("errors.tolerance", "all");
            config.put("errors.deadletterqueue.topic.name", dead(target));
            config.put("errors.deadletterqueue.topic.replication.factor", "1");
            config.put("errors.deadletterqueue.context.headers.enable", "true");
            start(target, config);
            topic.commit(t -> t.plain(1, "{\"id\":1,\"v\":1}"));
            awaitContents(target, Map.of(1L, "{\"id\":1,\"v\":1}"));
            String refused = "{\"id\":1,\"v\":\"a\\u0000\"}";
            topic.commit(t -> {
                t.plain(1, null);
                t.plain(1, refused);
                t.plain(3, "{\"id\":3,\"v\":1}");
            });
            awaitContents(target, Map.of(3L, "{\"id\":3,\"v\":1}"));
            assertThat(DeadLetters.of(dead(target), 1))
                    .extracting(ConsumerRecord::value)
                    .containsExactly(refused);
        }
    }

    private String dead(Target target) {
        return connector(target) + "-dead";
    }

    @Test
    void a_document_that_the_store_refuses_does_not_hold_up_the_applied_tidemark() {
        Target target = Target.sql(name, model());
        try (Topic topic = documents()) {
            Map<String, String> config = new HashMap<>(documents(topic));
            config.put("errors.tolerance", "all");
            config.put("errors.deadletterqueue.topic.name", dead(target));
            config.put("errors.deadletterqueue.topic.replication.factor", "1");
            config.put("errors.deadletterqueue.context.headers.enable", "true");
            start(target, config);
            String refused = "{\"id\":1,\"v\":\"a\\u0000\"}";
            topic.commit(t -> {
                t.document(1, 4, "{\"id\":1}");
                t.document(2, 5, "{\"id\":2}");
                t.mark(5);
            });
            awaitApplied(target, 5);
            topic.commit(t -> {
                t.document(1, 6, refused);
                t.document(2, 6, "{\"id\":2,\"v\":1}");
                t.mark(6);
            });
            awaitApplied(target, 6);
            assertThat(target.contents()).isEqualTo(Map.of(1L, "{\"id\":1}", 2L, "{\"id\":2,\"v\":1}"));
            assertThat(DeadLetters.of(dead(target), 1))
                    .extracting(ConsumerRecord::value)
                    .containsExactly(refused);
            topic.commit(t -> {
                t.document(1, 7, "{\"id\":1,\"v\":7}");
                t.mark(7);
            });
            awaitApplied(target, 7);
            assertThat(target.contents()).containsEntry(1L, "{\"id\":1,\"v\":7}");
        }
    }

    @Test
    void nothing_of_a_task_is_left_in_the_worker_when_its_connector_is_gone() {
        Map<String, Long> before = settledClientThreads();
        List<Target> targets = Target.all(name, model());
        try (Topic topic = documents()) {
            targets.forEach(target -> start(target, documents(topic)));
            topic.commit(t -> {
                t.document(1, 5, "{\"id\":1}");
                t.mark(5);
            });
            targets.forEach(target -> awaitApplied(target, 5));
            assertThat(clientThreads()).isNotEqualTo(before);
            connectors.forEach(rest::delete);
            connectors.clear();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(clientThreads())
                    .allSatisfy((thread, count) ->
                            assertThat(count).as(thread).isLessThanOrEqualTo(before.getOrDefault(thread, 0L))));
        }
    }

    /** Connectors of the test before may be ending still. */
    private static Map<String, Long> settledClientThreads() {
        AtomicReference<Map<String, Long>> last = new AtomicReference<>(Map.of());
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(3)).until(() -> {
            Map<String, Long> now = clientThreads();
            return now.equals(last.getAndSet(now));
        });
        return last.get();
    }

    /** Threads of clients of stores and of Kafka, in all workers, by name without numbers. */
    private static Map<String, Long> clientThreads() {
        return cluster.workers().stream()
                .flatMap(worker -> Threads.of(worker.pid()).stream())
                .filter(name -> name.matches("(?i).*(i/o |elastic|jedis|redis|jdbc|adminclient|task-thread).*"))
                .map(name -> name.replaceAll("[0-9]+", "#"))
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
    }

    @Test
    void a_paused_connector_writes_nothing_and_goes_on_where_it_was() {
        Target target = Target.sql(name, model());
        try (Topic topic = documents()) {
            String connector = start(target, documents(topic));
            topic.commit(t -> {
                t.document(1, 5, "{\"id\":1}");
                t.mark(5);
            });
            awaitApplied(target, 5);
            rest.put(connector, "pause");
            await().atMost(PATIENCE).until(() -> rest.tasks(connector).stream().allMatch("PAUSED"::equals));
            topic.commit(t -> {
                t.document(2, 6, "{\"id\":2}");
                t.mark(6);
            });
            await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> target.applied()
                    .equals(Optional.of(Topic.tidemark(5))));
            rest.put(connector, "resume");
            awaitApplied(target, 6);
            rest.delete(connector);
            connectors.remove(connector);
            topic.commit(t -> {
                t.document(1, 7, null);
                t.mark(7);
            });
            start(target, documents(topic));
            awaitApplied(target, 7);
            assertThat(target.contents()).isEqualTo(Map.of(2L, "{\"id\":2}"));
        }
    }

    @Test
    void a_topic_made_anew_under_the_same_name_is_noticed() {
        Target target = Target.redis(name, name);
        String connector;
        try (Topic topic = Topic.create(name)) {
            connector = start(target, records(topic));
            topic.commit(t -> t.plain(1, "{\"id\":1,\"v\":\"old\"}"));
            awaitContents(target, Map.of(1L, "{\"id\":1,\"v\":\"old\"}"));
        }
        rest.delete(connector);
        connectors.clear();
        Topic.drop(name);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            Topic.make(name, Topic.PARTITIONS);
            return true;
        });
        String again = start(target, records(name));
        try (Topic anew = new Topic(name)) {
            anew.commit(t -> t.plain(1, "{\"id\":1,\"v\":\"new\"}"));
            await().atMost(PATIENCE).until(() -> rest.status(again).toString().contains("FAILED"));
        }
        assertThat(rest.status(again).toString()).contains("another capture");
        assertThat(target.contents()).isEqualTo(Map.of(1L, "{\"id\":1,\"v\":\"old\"}"));
    }

    /** Its positions begin at 1 again, so all of it would be stale, and its tidemark claimed. */
    @Test
    void a_documents_topic_made_anew_while_its_connector_runs_stops_it_and_nothing_is_claimed() {
        Target target = Target.redis(name, model());
        String topic = name + "." + model() + ".documents";
        String connector;
        try (Topic old = documents()) {
            Map<String, String> config = new HashMap<>(documents(old));
            config.put("consumer.override.metadata.max.age.ms", "1000");
            connector = start(target, config);
            old.commit(t -> {
                t.document(1, 70, "{\"id\":1,\"v\":\"old\"}");
                t.mark(70);
            });
            awaitApplied(target, 70);
        }
        Topic.drop(topic);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            Topic.make(topic, Topic.PARTITIONS);
            return true;
        });
        try (Topic anew = new Topic(topic)) {
            // The consumer may go on at its offset as if nothing had happened.
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> {
                anew.commit(t -> {
                    t.document(1, 2, "{\"id\":1,\"v\":\"new\"}");
                    t.mark(2);
                });
                return rest.status(connector).toString().contains("FAILED");
            });
        }
        assertThat(rest.status(connector).toString()).contains("made anew");
        assertThat(target.applied()).hasValue(Topic.tidemark(70));
        assertThat(target.contents()).isEqualTo(Map.of(1L, "{\"id\":1,\"v\":\"old\"}"));
    }

    @Test
    void a_wrong_configuration_is_told_with_key_value_and_remedy() {
        Target target = Target.elasticsearch(name, model());
        String type = target.kind();
        Topic.make("plain." + name, 1);
        Map<String, String> config =
                target.connector(Map.of("name", name, "topics", "plain." + name, "input", "documents"));
        ObjectNode errors = rest.errors(type, config);
        assertThat(errors.path("consumer.override.isolation.level").toString()).contains("read_committed");
        assertThat(errors.path("kafka.bootstrap.servers").toString()).contains("host:port");
        Map<String, String> wrong = new HashMap<>(config);
        wrong.put("input", "tables");
        assertThat(rest.errors(type, wrong).path("input").toString()).contains("tables", "records", "documents");
        Map<String, String> away = new HashMap<>(config);
        away.put("connection.url", "http://127.0.0.1:1");
        assertThat(rest.errors(type, away).path("connection.url").toString()).contains("127.0.0.1:1");
        Map<String, String> right = new HashMap<>(config);
        right.put("consumer.override.isolation.level", "read_committed");
        right.put("kafka.bootstrap.servers", Topic.bootstrapServers());
        assertThat(rest.errors(type, right)).isEmpty();
        right.put("topics", "none." + name);
        assertThat(rest.errors(type, right).path("kafka.bootstrap.servers").toString())
                .contains("none." + name);
    }

    private Topic documents() {
        return Topic.create(name + "." + model() + ".documents");
    }

    /** Stores keep their books by it. */
    private String model() {
        return "orders-" + name;
    }

    private static Map<String, String> documents(Topic topic) {
        Map<String, String> config = new HashMap<>(records(topic));
        config.put("input", "documents");
        return config;
    }

    private static Map<String, String> records(Topic topic) {
        return records(topic.name());
    }

    private static Map<String, String> records(String topic) {
        return Map.of(
                "topics", topic,
                "key.converter", BYTES,
                "value.converter", BYTES,
                "header.converter", BYTES,
                "consumer.override.isolation.level", "read_committed",
                "consumer.override.session.timeout.ms", "6000",
                "kafka.bootstrap.servers", Topic.bootstrapServers());
    }

    private String start(Target target, Map<String, String> others) {
        return start(connector(target), target, others);
    }

    private String start(String connector, Target target, Map<String, String> others) {
        rest.create(connector, target.connector(others));
        connectors.add(connector);
        return connector;
    }

    private String connector(Target target) {
        return name + "-" + target.kind();
    }

    private void awaitApplied(Target target, long number) {
        awaiting(target).untilAsserted(() -> assertThat(target.applied()).hasValue(Topic.tidemark(number)));
    }

    private void awaitContents(Target target, Map<Long, String> contents) {
        awaiting(target).untilAsserted(() -> assertThat(target.contents()).isEqualTo(contents));
    }

    /** A store without the target yet says so; a task that failed says why. */
    private ConditionFactory awaiting(Target target) {
        return await(target.kind() + " " + rest.status(connector(target)))
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(TidemarkException.class)
                .failFast("a task failed", () -> {
                    String status = rest.status(connector(target)).toString();
                    if (status.contains("FAILED")) {
                        throw new AssertionError(status);
                    }
                });
    }
}
