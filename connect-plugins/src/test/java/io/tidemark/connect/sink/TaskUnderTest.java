package io.tidemark.connect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.GracePeriod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** A task with a store and brokers in memory, and a worker that does with it what Connect's does. */
final class TaskUnderTest {

    static final String TOPIC = "orders";

    final TestClocks clocks = new TestClocks();
    final MemoryStore store = new MemoryStore(clocks);
    final MemoryBrokers brokers = new MemoryBrokers();
    final List<SinkRecord> dead = new ArrayList<>();

    private final Map<String, String> config = new HashMap<>(
            Map.of("name", "c", "consumer.override.isolation.level", "read_committed", "max.retries", "1000"));
    private final Set<TopicPartition> assignment = new HashSet<>();
    private final Map<TopicPartition, Long> delivered = new HashMap<>();
    private final Map<TopicPartition, Long> sought = new HashMap<>();
    private SinkTask task;

    private final class Task extends TidemarkSinkTask {

        Task() {
            super(any -> brokers, new GracePeriod(clocks.nanos(), clocks.wall()), clocks.nanos());
        }

        @Override
        protected AbstractConfig parse(Map<String, String> properties) {
            ConfigDef def = SinkKeys.common(new ConfigDef()
                    .define("primary.key.fields", ConfigDef.Type.LIST, "", ConfigDef.Importance.LOW, ""));
            return new AbstractConfig(def, properties, false);
        }

        @Override
        protected TargetStore store(AbstractConfig parsed) {
            return store;
        }
    }

    private final class Context implements SinkTaskContext {

        @Override
        public Map<String, String> configs() {
            return config;
        }

        @Override
        public void offset(Map<TopicPartition, Long> offsets) {
            sought.putAll(offsets);
        }

        @Override
        public void offset(TopicPartition partition, long offset) {
            sought.put(partition, offset);
        }

        @Override
        public void timeout(long timeoutMs) {
            // Time is the test's.
        }

        @Override
        public Set<TopicPartition> assignment() {
            return assignment;
        }

        @Override
        public void pause(TopicPartition... partitions) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void resume(TopicPartition... partitions) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void requestCommit() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ErrantRecordReporter errantRecordReporter() {
            return config.containsKey("errors.tolerance") ? this::report : null;
        }

        private Future<Void> report(SinkRecord record, Throwable why) {
            dead.add(record);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return new PluginMetricsImpl(new Metrics(), Map.of("connector", "c"));
        }
    }

    /** With more configuration. */
    TaskUnderTest with(String... others) {
        for (int i = 0; i < others.length; i += 2) {
            config.put(others[i], others[i + 1]);
        }
        return this;
    }

    /** Of a documents topic. */
    TaskUnderTest ofDocuments() {
        return with("input", "documents").withBrokers();
    }

    TaskUnderTest withBrokers() {
        return with("kafka.bootstrap.servers", "kafka:9092");
    }

    TaskUnderTest withDeadLetters() {
        return with("errors.tolerance", "all");
    }

    /** Starts it, anew if it ran, with these partitions. */
    TaskUnderTest start(int... partitions) {
        task = new Task();
        task.initialize(new Context());
        task.start(config);
        assign(partitions);
        return this;
    }

    /** A rebalance: what was its own is committed first. */
    void assign(int... partitions) {
        if (!assignment.isEmpty()) {
            commit();
            task.close(Set.copyOf(assignment));
        }
        assignment.clear();
        for (int partition : partitions) {
            assignment.add(partition(partition));
        }
        delivered.clear();
        brokers.committed("", assignment).forEach((partition, place) -> delivered.put(partition, place.offset()));
        task.open(assignment);
    }

    /** The worker calls preCommit and commits what it is given. */
    Map<TopicPartition, OffsetAndMetadata> commit() {
        Map<TopicPartition, OffsetAndMetadata> current = new HashMap<>();
        assignment.forEach(
                partition -> current.put(partition, new OffsetAndMetadata(delivered.getOrDefault(partition, 0L))));
        Map<TopicPartition, OffsetAndMetadata> durable = task.preCommit(current);
        brokers.commit(durable);
        return durable;
    }

    /**
     * Gives records, and gives them again from where the task seeks to, as long as it does.
     *
     * @throws RetriableException when it wants the same again
     */
    void give(SinkRecord... records) {
        List<SinkRecord> batch = List.of(records);
        boolean again = true;
        for (int turn = 0; again && turn < 3; turn++) {
            giveOnce(batch.toArray(SinkRecord[]::new));
            again = !sought.isEmpty();
            batch = batch.stream()
                    .filter(record -> record.kafkaOffset()
                            >= sought.getOrDefault(new TopicPartition(record.topic(), record.kafkaPartition()), 0L))
                    .toList();
        }
    }

    /** Gives records; what the task seeks then, it is not given. */
    void giveOnce(SinkRecord... records) {
        sought.clear();
        task.put(List.of(records));
        for (SinkRecord record : records) {
            delivered.put(new TopicPartition(record.topic(), record.kafkaPartition()), record.kafkaOffset() + 1);
        }
    }

    /** Where it wants to read on. */
    Map<TopicPartition, Long> sought() {
        return Map.copyOf(sought);
    }

    static TopicPartition partition(int partition) {
        return new TopicPartition(TOPIC, partition);
    }

    /** A record without a version. */
    static SinkRecord plain(int partition, long offset, String key, String value) {
        return new SinkRecord(
                TOPIC,
                partition,
                null,
                key == null ? null : key.getBytes(UTF_8),
                null,
                value == null ? null : value.getBytes(UTF_8),
                offset);
    }

    static SinkRecord at(long position, SinkRecord record) {
        record.headers().add(Version.HEADER, new Version(position, 0).encode(), null);
        return record;
    }

    static SinkRecord document(int partition, long offset, long position, int id, String value) {
        return at(position, plain(partition, offset, "{\"id\":" + id + "}", value));
    }

    static SinkRecord marker(int partition, long offset, long number) {
        SinkRecord marker = plain(partition, offset, "\"__tidemark\"", null);
        marker.headers().add("tidemark.applied", (number + "@" + new Lsn(number)).getBytes(UTF_8), null);
        return marker;
    }

    static TidemarkRef tidemark(long number) {
        return new TidemarkRef(number, new Lsn(number));
    }
}
