package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.Report;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What reconciliations found, run by run, in a topic: verdicts, counts and the first keys, but no documents. */
public final class RunHistory {

    /** How long the topic keeps a run, unless somebody sets its {@code retention.ms}. */
    static final Duration KEPT = Duration.ofDays(365);

    private static final Logger LOG = LoggerFactory.getLogger(RunHistory.class);
    private static final int KEYS_KEPT = 20;
    private static final int TIMEOUT_SECONDS = 30;
    private static final Duration POLL = Duration.ofMillis(500);

    private final Map<String, String> client;
    private final TopicPartition topic;

    public RunHistory(Plan plan) {
        this(plan.kafkaClient(), plan.topics().reconciliations());
    }

    RunHistory(Map<String, String> client, String topic) {
        this.client = Map.copyOf(client);
        this.topic = new TopicPartition(topic, 0);
    }

    /** Adds a run. That it cannot be added takes nothing from what it found: it is only logged. */
    public void add(Instant began, Instant ended, List<Report> reports) {
        add(began, ended, reports, Map.of());
    }

    /**
     * Adds a run of which it is known what was compared.
     *
     * @param generations number of the generation, by model
     */
    public void add(Instant began, Instant ended, List<Report> reports, Map<String, Integer> generations) {
        try {
            ensure();
            send(reports.stream()
                    .map(report -> new ProducerRecord<>(
                            topic.topic(),
                            topic.partition(),
                            (report.model() + "/" + report.store()).getBytes(StandardCharsets.UTF_8),
                            Json.bytes(run(began, ended, report, generations.get(report.model())))))
                    .toList());
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            LOG.warn("What was found is not in topic {}: {}", topic.topic(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("What was found is not in topic {}: interrupted", topic.topic());
        }
    }

    private void send(List<ProducerRecord<byte[], byte[]>> runs)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_SECONDS * 1_000L);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            for (ProducerRecord<byte[], byte[]> run : runs) {
                producer.send(run).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    /** Who may write the topic need not have the right to make topics: then it is there, or sending fails. */
    private void ensure() throws ExecutionException, InterruptedException, TimeoutException {
        NewTopic wanted = new NewTopic(topic.topic(), Optional.of(1), Optional.empty())
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(KEPT.toMillis())));
        Admin admin = Admin.create(new HashMap<String, Object>(client));
        try {
            admin.createTopics(List.of(wanted)).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException || e.getCause() instanceof AuthorizationException)) {
                throw e;
            }
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    static ObjectNode run(Instant began, Instant ended, Report report, @Nullable Integer generation) {
        ObjectNode run = Json.object();
        run.put("began", began.toString());
        run.put("ended", ended.toString());
        if (generation != null) {
            run.put("generation", generation);
        }
        ObjectNode found = report.toJson();
        found.remove(List.of("drift", "undecided"));
        if (found.get("repair") instanceof ObjectNode repair) {
            repair.remove("left");
        }
        run.setAll(found);
        ArrayNode drifted = run.putArray("drifted");
        report.drift().stream().limit(KEYS_KEPT).forEach(drift -> drifted.add(key(drift)));
        return run;
    }

    private static ObjectNode key(Drift drift) {
        ObjectNode found = drift.toJson();
        found.retain("kind", "collection", "key", "stored_position", "parked");
        return found;
    }

    /**
     * The runs, the oldest first; none before the first one.
     *
     * @throws TidemarkException UNREACHABLE when Kafka does not answer
     */
    public List<ObjectNode> runs() {
        List<ObjectNode> runs = new ArrayList<>();
        runsSince(Instant.EPOCH, runs::add);
        return runs;
    }

    /** Those that ended at that time or later, one after the other. */
    void runsSince(Instant time, Consumer<ObjectNode> runs) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (!consumer.partitionsFor(topic.topic()).isEmpty()) {
                read(consumer, time, runs);
            }
        } catch (KafkaException e) {
            throw unreachable(String.valueOf(e.getMessage()));
        }
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer, Instant time, Consumer<ObjectNode> runs) {
        consumer.assign(List.of(topic));
        OffsetAndTimestamp first =
                consumer.offsetsForTimes(Map.of(topic, time.toEpochMilli())).get(topic);
        if (first == null) {
            return;
        }
        consumer.seek(topic, first.offset());
        long end = consumer.endOffsets(List.of(topic)).getOrDefault(topic, 0L);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (consumer.position(topic) < end) {
            consumer.poll(POLL).forEach(record -> runs.accept(Json.parseObject(record.value())));
            if (System.nanoTime() > deadline) {
                throw unreachable("it does not send all of it within " + TIMEOUT_SECONDS + " s");
            }
        }
    }

    private TidemarkException unreachable(String why) {
        return new TidemarkException(
                ErrorCode.UNREACHABLE,
                "Topic " + topic.topic() + " in Kafka at " + client.get("bootstrap.servers") + " cannot be read: "
                        + why);
    }
}
