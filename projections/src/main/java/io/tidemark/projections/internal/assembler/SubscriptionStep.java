package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Cut;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.Reference;
import io.tidemark.projections.TidemarkFollower;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The source step for one reference: keeps which row each row refers to, and tells the referenced rows' partitions. It
 * depends on its own topic only, so it never waits.
 */
final class SubscriptionStep extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private static final byte[] NO_KEY = {};

    private final Reference reference;
    private final StepNames names;
    private final String topic;
    private final TidemarkFollower tidemarks;
    private @Nullable Region targets;
    private @Nullable StepClock clock;

    SubscriptionStep(Reference reference, StepNames names, String topic, TidemarkFollower tidemarks) {
        this.reference = reference;
        this.names = names;
        this.topic = topic;
        this.tidemarks = tidemarks;
    }

    @Override
    public void init(ProcessorContext<byte[], Edge> context) {
        super.init(context);
        KeyValueStore<Bytes, byte[]> store = context.getStateStore(names.targets());
        targets = new Region(store, 't');
        TidemarkRef newest = tidemarks.newest().orElse(TidemarkRef.NONE);
        clock = new StepClock(new Region(store, 'c'), List.of(), 0, newest);
        context.schedule(Duration.ofMillis(10), PunctuationType.WALL_CLOCK_TIME, time -> mark(time));
    }

    @Override
    public void process(Record<byte[], Edge> record) {
        if (record.value() instanceof Edge.Row row) {
            byte[] after = row.after() == null ? null : target(row.after().get());
            update(record, row.version(), after);
        } else if (record.value() instanceof Edge.Truncate truncate) {
            ready(targets).keys().forEach(key -> update(record.withKey(key), truncate.version(), null));
        }
        long offset = context().recordMetadata().orElseThrow().offset();
        ready(clock).consumed(offset + 1);
    }

    private void update(Record<byte[], Edge> record, Version version, byte @Nullable [] after) {
        Region store = ready(targets);
        byte[] key = record.key();
        byte[] before = store.get(key);
        if (Arrays.equals(before, after)) {
            return;
        }
        if (before != null) {
            tell(record, before, version, false);
        }
        if (after != null) {
            tell(record, after, version, true);
            store.put(key, after);
        } else {
            store.delete(key);
        }
    }

    private byte @Nullable [] target(byte[] row) {
        return reference
                .node()
                .relation()
                .keyFrom(Json.parse(row), reference.by())
                .map(RowKey::encode)
                .orElse(null);
    }

    private void tell(Record<byte[], Edge> record, byte[] target, Version version, boolean active) {
        Edge edge = new Edge.Subscription(version, Bytes.wrap(record.key()), active);
        context().forward(new Record<>(target, edge, record.timestamp(), new RecordHeaders()));
    }

    private void mark(long time) {
        StepClock own = ready(clock);
        int partition = context().taskId().partition();
        TidemarkRef passed = tidemarks
                .newestWhere(cut -> cut.offset(topic, partition) <= own.consumed())
                .map(Cut::tidemark)
                .orElse(TidemarkRef.NONE);
        own.aim(passed);
        own.target().ifPresent(tidemark -> {
            Edge marker = new Edge.Marker(Edge.SUBSCRIPTIONS, tidemark, own.claimFloor(), partition);
            context().forward(new Record<>(NO_KEY, marker, time, new RecordHeaders()));
            own.reach(tidemark);
        });
    }

    private static <T> T ready(@Nullable T initialised) {
        if (initialised == null) {
            throw new IllegalStateException("Not initialised");
        }
        return initialised;
    }
}
