package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Cut;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The source step for one reference: keeps which row each row refers to, and tells the referenced rows' partitions. It
 * depends on its own topic only, so it never waits for another step. A truncate is worked off in calls of bounded work;
 * what comes meanwhile is queued behind it.
 */
final class SubscriptionStep extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final byte[] NO_KEY = {};

    private final Reference reference;
    private final StepNames names;
    private final String topic;
    private final Cuts tidemarks;
    private @Nullable StepLife life;

    SubscriptionStep(Reference reference, StepNames names, String topic, Cuts tidemarks) {
        this.reference = reference;
        this.names = names;
        this.topic = topic;
        this.tidemarks = tidemarks;
    }

    @Override
    public void init(ProcessorContext<byte[], Edge> context) {
        super.init(context);
        life = new StepLife(context);
        context.schedule(PERIOD, PunctuationType.WALL_CLOCK_TIME, time -> life().advance());
    }

    @Override
    public void process(Record<byte[], Edge> record) {
        if (record.value() instanceof Edge.Own own) {
            life().take(context().recordMetadata().orElseThrow().offset(), record.key(), own);
        }
    }

    private StepLife life() {
        StepLife current = life;
        if (current == null) {
            throw new IllegalStateException("Not initialised");
        }
        return current;
    }

    private byte @Nullable [] target(@Nullable Bytes row) {
        return row == null
                ? null
                : reference
                        .node()
                        .relation()
                        .keyFrom(Json.parse(row.get()), reference.by())
                        .map(RowKey::encode)
                        .orElse(null);
    }

    /** Everything that starts anew with {@link #init}, which may run again on the same processor. */
    private final class StepLife {

        private final Region targets;

        /** Input behind a truncate that is not worked off, that truncate first; by offset. */
        private final Region queue;

        private final StepClock clock;
        private final int partition;
        private boolean queued;
        private byte @Nullable [] truncatedTo;

        StepLife(ProcessorContext<byte[], Edge> context) {
            KeyValueStore<Bytes, byte[]> store = context.getStateStore(names.targets());
            targets = new Region(store, 't');
            queue = new Region(store, 'q');
            TidemarkRef newest = tidemarks.newest().orElse(TidemarkRef.NONE);
            clock = new StepClock(store, List.of(), 0, newest);
            partition = context.taskId().partition();
            try (KeyValueIterator<byte[], byte[]> waiting = queue.all()) {
                queued = waiting.hasNext();
            }
        }

        void take(long offset, byte[] key, Edge.Own input) {
            if (!queued && apply(key, input, new Budget(AssembleStep.WORK_PER_CALL))) {
                clock.consumed(offset + 1);
                return;
            }
            queued = true;
            queue.put(
                    ByteBuffer.allocate(Long.BYTES).putLong(offset).array(),
                    StateKeys.pair(key, EdgeCodec.encode(input)));
        }

        void advance() {
            queued = queued && !workOffQueue();
            mark();
        }

        private boolean workOffQueue() {
            Budget budget = new Budget(AssembleStep.WORK_PER_CALL);
            List<KeyValue<byte[], byte[]>> inputs = some(queue.all());
            for (KeyValue<byte[], byte[]> entry : inputs) {
                Edge.Own input = (Edge.Own) EdgeCodec.decode(StateKeys.second(entry.value));
                if (!apply(StateKeys.first(entry.value), input, budget)) {
                    return false;
                }
                queue.delete(entry.key);
                clock.consumed(ByteBuffer.wrap(entry.key).getLong() + 1);
            }
            return inputs.size() < AssembleStep.WORK_PER_CALL;
        }

        /** As many entries as a call may work off at most, read before anything is written. */
        private static List<KeyValue<byte[], byte[]>> some(KeyValueIterator<byte[], byte[]> entries) {
            try (entries) {
                List<KeyValue<byte[], byte[]>> some = new ArrayList<>();
                while (entries.hasNext() && some.size() < AssembleStep.WORK_PER_CALL) {
                    some.add(entries.next());
                }
                return some;
            }
        }

        /** Applies an input; when that takes more than the budget, it is to be applied again. */
        private boolean apply(byte[] key, Edge.Own input, Budget budget) {
            if (input instanceof Edge.Truncate truncate) {
                return truncate(truncate.version(), budget);
            }
            if (!budget.take()) {
                return false;
            }
            if (input instanceof Edge.Row row) {
                update(key, row.version(), target(row.after()));
            }
            return true;
        }

        private boolean truncate(Version version, Budget budget) {
            byte[] from = truncatedTo;
            List<KeyValue<byte[], byte[]>> rows = some(from == null ? targets.all() : targets.after(from));
            for (KeyValue<byte[], byte[]> row : rows) {
                if (!budget.take()) {
                    return false;
                }
                update(row.key, version, null);
                truncatedTo = row.key;
            }
            boolean all = rows.size() < AssembleStep.WORK_PER_CALL;
            if (all) {
                truncatedTo = null;
            }
            return all;
        }

        private void update(byte[] key, Version version, byte @Nullable [] after) {
            byte[] before = targets.get(key);
            if (Arrays.equals(before, after)) {
                return;
            }
            if (before != null) {
                tell(key, before, version, false);
            }
            if (after != null) {
                tell(key, after, version, true);
            }
            targets.putOrDelete(key, after);
        }

        private void tell(byte[] key, byte[] target, Version version, boolean active) {
            forward(target, new Edge.Subscription(version, Bytes.wrap(key), active));
        }

        private void mark() {
            clock.aim(passed());
            clock.target().ifPresent(tidemark -> {
                forward(NO_KEY, new Edge.Marker(Edge.SUBSCRIPTIONS, tidemark, clock.claimFloor(), partition));
                clock.reach(tidemark);
            });
        }

        private TidemarkRef passed() {
            return tidemarks
                    .newestWhere(cut -> cut.offset(topic, partition) <= clock.consumed())
                    .map(Cut::tidemark)
                    .orElse(TidemarkRef.NONE);
        }

        private void forward(byte[] key, Edge edge) {
            context().forward(new Record<>(key, edge, context().currentSystemTimeMs(), new RecordHeaders()));
        }
    }
}
