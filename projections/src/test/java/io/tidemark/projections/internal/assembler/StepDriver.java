package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Cut;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Drives one step of partition 0 without Kafka, call by call, as Streams would. */
final class StepDriver implements Cuts {

    static final String TOPIC = "changes";

    private Processor<byte[], Edge, byte[], Edge> step;
    private final MockProcessorContext<byte[], Edge> context =
            new MockProcessorContext<>(config(), new TaskId(0, 0), new File("target"));
    private final List<Cut> cuts = new ArrayList<>();
    private final List<Edge> sent = new ArrayList<>();
    private final Map<Bytes, Edge> lastByKey = new HashMap<>();
    private boolean followed = true;
    private int most;
    private long offset;
    private long nowMs;

    /** Makes the stores of a step, and the step for the tidemarks it is told of here. */
    StepDriver(List<String> stores, Function<Cuts, Processor<byte[], Edge, byte[], Edge>> step) {
        this.step = step.apply(this);
        context.setCurrentSystemTimeMs(0);
        stores.forEach(this::addStore);
    }

    private static Properties config() {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "driven");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        return config;
    }

    private void addStore(String name) {
        store(name, context);
    }

    /** A store of its own, in memory. */
    static KeyValueStore<Bytes, byte[]> store() {
        return store("alone", new MockProcessorContext<>(config(), new TaskId(0, 0), new File("target")));
    }

    private static KeyValueStore<Bytes, byte[]> store(String name, MockProcessorContext<byte[], Edge> context) {
        KeyValueStore<Bytes, byte[]> store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        return store;
    }

    @Override
    public Optional<TidemarkRef> newest() {
        return cuts.isEmpty()
                ? Optional.empty()
                : Optional.of(cuts.get(cuts.size() - 1).tidemark());
    }

    /** As the follower says it, once its consumer has failed. */
    @Override
    public Optional<Cut> newestWhere(Predicate<Cut> passed) {
        if (!followed) {
            throw new TidemarkException(ErrorCode.UNREACHABLE, "Tidemarks can no longer be followed");
        }
        return cuts.stream().filter(passed).reduce((older, newer) -> newer);
    }

    /** From here on no tidemark is heard of any more. */
    void stopFollowing() {
        followed = false;
    }

    /** A tidemark that covers what was read of the step's own topic so far, and so many records more. */
    TidemarkRef tidemark(long number, int more) {
        TidemarkRef tidemark = new TidemarkRef(number, new Lsn(number));
        cuts.add(new Cut(tidemark, Map.of(TOPIC, List.of(offset + more))));
        return tidemark;
    }

    /** Starts the step, or starts it again on the stores it left behind. */
    void start() {
        step.init(context);
    }

    /** Starts another step on the stores that this one left behind. */
    void startAs(Function<Cuts, Processor<byte[], Edge, byte[], Edge>> other) {
        step = other.apply(this);
        start();
    }

    void process(byte[] key, Edge edge) {
        if (edge instanceof Edge.Own) {
            context.setRecordMetadata(TOPIC, 0, offset++);
        }
        step.process(new Record<>(key, edge, 0, new RecordHeaders()));
        collect();
    }

    /** Has the step's clock tick, a second later. */
    void tick() {
        nowMs += 1_000;
        var punctuators = context.scheduledPunctuators();
        punctuators.get(punctuators.size() - 1).getPunctuator().punctuate(nowMs);
        collect();
    }

    private void collect() {
        most = Math.max(most, context.forwarded().size());
        context.forwarded().forEach(each -> {
            Record<? extends byte[], ? extends Edge> record = each.record();
            sent.add(record.value());
            lastByKey.put(Bytes.wrap(record.key()), record.value());
        });
        context.resetForwards();
    }

    /** All that was sent, in order. */
    List<Edge> sent() {
        return sent;
    }

    /** What was sent last under each key. */
    Map<Bytes, Edge> lastByKey() {
        return lastByKey;
    }

    /** How many messages were sent in one call at most. */
    int most() {
        return most;
    }

    static byte[] key(int id) {
        return ("{\"id\":" + id + "}").getBytes(StandardCharsets.UTF_8);
    }
}
