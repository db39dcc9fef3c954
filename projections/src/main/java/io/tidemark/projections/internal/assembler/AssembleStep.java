package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Cut;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.projections.TidemarkFollower;
import java.nio.ByteBuffer;
import java.time.Duration;
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
 * The assemble step of one node: holds input back until every input has passed a tidemark, then works it off.
 *
 * <p>An inner step works position by position and stamps what it sends with the position that caused it; the root sends
 * each changed document once, stamped with the tidemark. Working off a tidemark is bounded per call and goes on in the
 * next one; the marker follows when it is done. What is missing for that is kept in the stores, so it survives.
 */
final class AssembleStep extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    private static final int INPUTS_PER_CALL = 2_000;
    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final byte[] NO_KEY = {};

    /** End-of-position messages sort after everything within the position. */
    private static final int LAST_ORDER = Integer.MAX_VALUE;

    private final DocumentNode node;
    private final StepNames names;
    private final StepOutput output;
    private final List<String> edgeInputs;
    private final String topic;
    private final int partitions;
    private final TidemarkFollower tidemarks;

    private @Nullable StepLife life;

    AssembleStep(
            DocumentNode node,
            StepNames names,
            StepOutput output,
            List<String> edgeInputs,
            String topic,
            int partitions,
            TidemarkFollower tidemarks) {
        this.node = node;
        this.names = names;
        this.output = output;
        this.edgeInputs = List.copyOf(edgeInputs);
        this.topic = topic;
        this.partitions = partitions;
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
        Edge edge = record.value();
        if (edge instanceof Edge.Marker marker) {
            life().clock.passed(marker);
            return;
        }
        if (edge instanceof Edge.Own) {
            life().clock.consumed(context().recordMetadata().orElseThrow().offset() + 1);
        }
        if (edge instanceof Edge.Held held) {
            life().take(record.key(), held);
        }
    }

    private StepLife life() {
        StepLife current = life;
        if (current == null) {
            throw new IllegalStateException("Not initialised");
        }
        return current;
    }

    /** Everything that starts anew with {@link #init}, which may run again on the same processor. */
    private final class StepLife {

        private final NodeState state;
        private final StepClock clock;
        private final Dirty dirty;
        private final Region held;
        private final int partition;
        private long arrivals;
        private byte @Nullable [] scannedTo;

        StepLife(ProcessorContext<byte[], Edge> context) {
            KeyValueStore<Bytes, byte[]> store = context.getStateStore(names.state());
            state = new NodeState(node, store);
            held = new Region(store, 'h');
            dirty = new Dirty(new Region(store, 'd'));
            KeyValueStore<Bytes, byte[]> clocks = context.getStateStore(names.clock());
            clock = new StepClock(
                    new Region(clocks, 'c'),
                    edgeInputs,
                    partitions,
                    tidemarks.newest().orElse(TidemarkRef.NONE));
            partition = context.taskId().partition();
            arrivals = lastArrival();
        }

        private long lastArrival() {
            long last = 0;
            try (KeyValueIterator<byte[], byte[]> entries = held.all()) {
                while (entries.hasNext()) {
                    ByteBuffer key = ByteBuffer.wrap(entries.next().key);
                    last = Math.max(last, key.getLong(Long.BYTES + Integer.BYTES));
                }
            }
            return last;
        }

        void take(byte[] key, Edge.Held input) {
            long position = input.version().position();
            if (clock.reached().covers(position)) {
                return;
            }
            if (!clock.belowFloor(position)) {
                held.put(StateKeys.held(input.version(), ++arrivals), StateKeys.pair(key, EdgeCodec.encode(input)));
                return;
            }
            // Below the floor only the final state counts. What is sent bears one stamp, so that it stays in the order
            // it was sent in even for a receiver whose own floor is lower.
            List<byte[]> changed = state.apply(key, input);
            if (output.eager()) {
                Version stamp = new Version(floorOf(input), 0);
                changed.forEach(each -> note(each, input, stamp.position()));
                emitDirty(stamp);
            }
        }

        private long floorOf(Edge.Held input) {
            return Math.max(clock.floor().number(), input.version().position());
        }

        void advance() {
            if (clock.target().isEmpty()) {
                clock.aim(ownPassed());
            }
            if (clock.target().isPresent()) {
                TidemarkRef target = clock.target().get();
                if (work(target)) {
                    forward(
                            NO_KEY,
                            output.marker(target, clock.claimFloor(), partition),
                            new Version(target.number(), 0));
                    clock.reach(target);
                }
                dirty.save();
            }
        }

        private TidemarkRef ownPassed() {
            return tidemarks
                    .newestWhere(cut -> cut.offset(topic, partition) <= clock.consumed())
                    .map(Cut::tidemark)
                    .orElse(TidemarkRef.NONE);
        }

        /** Works towards a tidemark; says whether it is done. */
        private boolean work(TidemarkRef target) {
            int left = INPUTS_PER_CALL;
            try (KeyValueIterator<byte[], byte[]> inputs =
                    held.between(new byte[0], StateKeys.heldAfter(target.number()))) {
                while (inputs.hasNext()) {
                    if (left-- <= 0) {
                        return false;
                    }
                    apply(inputs.next());
                }
            }
            if (output.eager()) {
                emitDirty(new Version(dirty.position(), LAST_ORDER));
                return true;
            }
            return emitDocuments(target, left);
        }

        private void apply(KeyValue<byte[], byte[]> entry) {
            byte[] key = StateKeys.first(entry.value);
            Edge.Held input = (Edge.Held) EdgeCodec.decode(StateKeys.second(entry.value));
            long position = input.version().position();
            if (output.eager() && !dirty.isEmpty() && dirty.position() < position) {
                emitDirty(new Version(dirty.position(), LAST_ORDER));
            }
            state.apply(key, input).forEach(each -> note(each, input, position));
            held.delete(entry.key);
        }

        /** Remembers what an applied input makes necessary to send. */
        private void note(byte[] key, Edge.Held input, long position) {
            if (input instanceof Edge.Subscription subscription) {
                byte[] subscriber = subscription.subscriber().get();
                if (subscription.active()) {
                    dirty.answer(key, subscriber, position);
                } else if (output instanceof StepOutput.ReferencedBy references) {
                    Version stamp = clock.belowFloor(position) ? new Version(floorOf(input), 0) : input.version();
                    references.forget(key, subscriber, stamp, this::forwardUnstamped);
                }
            } else {
                dirty.row(key, position);
            }
        }

        private void emitDirty(Version stamp) {
            for (byte[] row = dirty.nextRow(); row != null; row = dirty.nextRow()) {
                output.emit(state, row, stamp, this::forwardUnstamped);
            }
            for (byte[] answer = dirty.nextAnswer(); answer != null; answer = dirty.nextAnswer()) {
                if (output instanceof StepOutput.ReferencedBy references) {
                    references.answer(
                            state, StateKeys.first(answer), StateKeys.second(answer), stamp, this::forwardUnstamped);
                }
            }
        }

        /** The root's output: at the floor every document, afterwards those that changed. */
        private boolean emitDocuments(TidemarkRef target, int budget) {
            Version stamp = new Version(target.number(), 0);
            StepOutput.Sender sender = (key, edge) -> forward(key, edge, stamp);
            if (clock.starting()) {
                return emitAll(stamp, sender, budget);
            }
            int left = budget;
            while (left-- > 0) {
                byte[] row = dirty.nextRow();
                if (row == null) {
                    return true;
                }
                output.emit(state, row, stamp, sender);
            }
            return dirty.isEmpty();
        }

        private boolean emitAll(Version stamp, StepOutput.Sender sender, int budget) {
            int left = budget;
            try (KeyValueIterator<byte[], byte[]> rows = state.rowsAfter(scannedTo)) {
                while (rows.hasNext()) {
                    if (left-- <= 0) {
                        return false;
                    }
                    byte[] key = rows.next().key;
                    output.emit(state, key, stamp, sender);
                    scannedTo = key;
                }
            }
            scannedTo = null;
            while (dirty.nextRow() != null) {
                // the scan has sent every row there is
            }
            return true;
        }

        private void forwardUnstamped(byte[] key, Edge edge) {
            context().forward(new Record<>(key, edge, context().currentSystemTimeMs(), new RecordHeaders()));
        }

        private void forward(byte[] key, Edge edge, Version stamp) {
            RecordHeaders headers = new RecordHeaders();
            headers.add(Version.HEADER, stamp.encode());
            context().forward(new Record<>(key, edge, context().currentSystemTimeMs(), headers));
        }
    }
}
