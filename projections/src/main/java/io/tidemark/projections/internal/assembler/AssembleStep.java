package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Cut;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.definition.DocumentNode;
import java.nio.ByteBuffer;
import java.time.Duration;
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
 * The assemble step of one node: holds input back until every input has passed a tidemark, then works it off.
 *
 * <p>An inner step works position by position and stamps what it sends with the position that caused it; the root sends
 * each changed document once, stamped with the tidemark. Working off a tidemark is bounded per call and goes on in the
 * next one; the marker follows when it is done. What is missing for that is kept in the stores, so it survives.
 */
final class AssembleStep extends ContextualProcessor<byte[], Edge, byte[], Edge> {

    /** Inputs applied and messages sent; some 20 ms of them. */
    static final int WORK_PER_CALL = 2_000;

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final byte[] NO_KEY = {};

    /** End-of-position messages sort after everything within the position. */
    private static final int LAST_ORDER = Integer.MAX_VALUE;

    private final DocumentNode node;
    private final StepNames names;
    private final StepOutput output;
    private final List<String> edgeInputs;
    private final @Nullable String topic;
    private final int partitions;
    private final Cuts tidemarks;

    private @Nullable StepLife life;

    /**
     * Makes the step.
     *
     * @param topic of the node's table; null for a step that has no rows of its own
     */
    AssembleStep(
            DocumentNode node,
            StepNames names,
            StepOutput output,
            List<String> edgeInputs,
            @Nullable String topic,
            int partitions,
            Cuts tidemarks) {
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

        /** How many inputs are held. */
        private long waiting;

        /** Input at or below the floor is held, or was applied and is not all sent: what comes now has to wait its turn. */
        private boolean overdue;

        /** The last held input that was worked off, if none before it came since. */
        private byte @Nullable [] workedTo;

        private byte @Nullable [] scannedTo;
        private byte @Nullable [] truncatedTo;

        StepLife(ProcessorContext<byte[], Edge> context) {
            KeyValueStore<Bytes, byte[]> store = context.getStateStore(names.state());
            state = new NodeState(node, store);
            held = new Region(store, 'h');
            dirty = new Dirty(new Region(store, 'd'));
            clock = new StepClock(
                    store, edgeInputs, partitions, tidemarks.newest().orElse(TidemarkRef.NONE));
            partition = context.taskId().partition();
            countHeld();
            boolean unsent = !dirty.isEmpty() && clock.belowFloor(dirty.position());
            overdue = unsent || (clock.starting() && isHeldUpTo(clock.floor().number()));
            if (!clock.starting()) {
                output.freed(state)
                        .forEach(key -> dirty.row(key, clock.reached().number()));
            }
        }

        private void countHeld() {
            try (KeyValueIterator<byte[], byte[]> entries = held.all()) {
                while (entries.hasNext()) {
                    ByteBuffer key = ByteBuffer.wrap(entries.next().key);
                    arrivals = Math.max(arrivals, key.getLong(Long.BYTES + Integer.BYTES));
                    waiting++;
                }
            }
        }

        private boolean isHeldUpTo(long position) {
            try (KeyValueIterator<byte[], byte[]> inputs = heldUpTo(position)) {
                return inputs.hasNext();
            }
        }

        private KeyValueIterator<byte[], byte[]> heldUpTo(long position) {
            return held.between(heldFrom(), StateKeys.heldAfter(position));
        }

        /** Nothing is held before. A scan from the region's start would look at every input that ever was, deleted as it is. */
        private byte[] heldFrom() {
            byte[] last = workedTo;
            if (last != null) {
                return last;
            }
            return clock.starting()
                    ? NO_KEY
                    : StateKeys.heldAfter(clock.reached().number());
        }

        void take(byte[] key, Edge.Held input) {
            long position = input.version().position();
            if (clock.reached().covers(position)) {
                return;
            }
            if (!clock.belowFloor(position) || overdue) {
                hold(key, input);
                return;
            }
            // Below the floor only the final state counts. What is sent bears one stamp, so that it stays in the order
            // it was sent in even for a receiver whose own floor is lower.
            Budget budget = new Budget(WORK_PER_CALL);
            boolean applied = apply(key, input, budget);
            if (!applied) {
                hold(key, input);
            }
            overdue = !applied || !emitEagerly(budget);
            if (overdue) {
                dirty.save();
            }
        }

        private void hold(byte[] key, Edge.Held input) {
            byte[] place = StateKeys.held(input.version(), ++arrivals);
            if (workedTo != null && Arrays.compareUnsigned(place, workedTo) < 0) {
                workedTo = null;
            }
            held.put(place, StateKeys.pair(key, EdgeCodec.encode(input)));
            waiting++;
        }

        void advance() {
            Budget budget = new Budget(WORK_PER_CALL);
            if (overdue) {
                overdue = !applyHeld(clock.floor().number(), budget);
            }
            if (!overdue && clock.target().isEmpty()) {
                clock.aim(ownPassed());
            }
            if (clock.target().isPresent()) {
                advance(clock.target().get(), budget);
            }
            dirty.save();
        }

        private void advance(TidemarkRef target, Budget budget) {
            if (work(target, budget)) {
                Edge.Marker marker = output.marker(target, clock.claimFloor(), partition);
                forward(NO_KEY, marker, new Version(target.number(), 0));
                clock.reach(target);
            }
        }

        private TidemarkRef ownPassed() {
            if (topic == null) {
                return tidemarks.newestWhere(cut -> true).map(Cut::tidemark).orElse(TidemarkRef.NONE);
            }
            return tidemarks
                    .newestWhere(cut -> cut.offset(topic, partition) <= clock.consumed())
                    .map(Cut::tidemark)
                    .orElse(TidemarkRef.NONE);
        }

        /** Works towards a tidemark; says whether it is done. */
        private boolean work(TidemarkRef target, Budget budget) {
            return applyHeld(target.number(), budget) && (output.eager() || emitDocuments(target, budget));
        }

        /** Applies held input in order, up to a position, and sends what it makes necessary, position by position. */
        private boolean applyHeld(long position, Budget budget) {
            if (waiting == 0) {
                return emitEagerly(budget);
            }
            try (KeyValueIterator<byte[], byte[]> inputs = heldUpTo(position)) {
                while (inputs.hasNext()) {
                    KeyValue<byte[], byte[]> entry = inputs.next();
                    Edge.Held input = (Edge.Held) EdgeCodec.decode(StateKeys.second(entry.value));
                    if (!maySettle(input.version().position(), budget)
                            || !apply(StateKeys.first(entry.value), input, budget)) {
                        return false;
                    }
                    held.delete(entry.key);
                    waiting--;
                    workedTo = entry.key;
                }
            }
            return emitEagerly(budget);
        }

        /** Whether what is dirty may stay so while another input is applied: not from before it, nor when half of it is sent. */
        private boolean maySettle(long position, Budget budget) {
            boolean together = dirty.sentTo() == null && dirty.position() >= position;
            return together || emitEagerly(budget);
        }

        /** Applies an input; when that takes more than the budget, it is to be applied again. */
        private boolean apply(byte[] key, Edge.Held input, Budget budget) {
            if (input instanceof Edge.Truncate truncate) {
                return truncate(truncate, budget);
            }
            if (!budget.take()) {
                return false;
            }
            if (input instanceof Edge.Row row && !clock.belowFloor(row.version().position())) {
                NeededColumns.requireIn(node.table(), row);
                output.require(row);
            }
            state.apply(key, input);
            note(key, input);
            return true;
        }

        private boolean truncate(Edge.Truncate truncate, Budget budget) {
            try (KeyValueIterator<byte[], byte[]> rows = state.rowsAfter(truncatedTo)) {
                while (rows.hasNext()) {
                    if (!budget.take()) {
                        return false;
                    }
                    byte[] row = rows.next().key;
                    state.removeRow(row);
                    note(row, truncate);
                    truncatedTo = row;
                }
            }
            truncatedTo = null;
            return true;
        }

        /** Remembers what an applied input makes necessary to send. */
        private void note(byte[] key, Edge.Held input) {
            long position = input.version().position();
            if (input instanceof Edge.Subscription subscription) {
                byte[] subscriber = subscription.subscriber().get();
                if (subscription.active()) {
                    dirty.answer(key, subscriber, position);
                } else if (output instanceof StepOutput.ReferencedBy references) {
                    Version stamp = clock.belowFloor(position) ? floorStamp() : input.version();
                    references.forget(key, subscriber, stamp, this::forwardUnstamped);
                }
            } else if (output.eager() || !clock.belowFloor(position)) {
                dirty.row(key, position); // at its floor the root sends every document there is
            }
        }

        private Version floorStamp() {
            return new Version(clock.floor().number(), 0);
        }

        /** An inner step's output: at each position what it made dirty. */
        private boolean emitEagerly(Budget budget) {
            if (!output.eager() || dirty.isEmpty()) {
                return true;
            }
            long position = dirty.position();
            Version stamp = clock.belowFloor(position) ? floorStamp() : new Version(position, LAST_ORDER);
            return emitDirty(stamp, budget, this::forwardUnstamped);
        }

        /** The root's output: at the floor every document, afterwards those that changed. */
        private boolean emitDocuments(TidemarkRef target, Budget budget) {
            Version stamp = new Version(target.number(), 0);
            StepOutput.Sender sender = (key, edge) -> forward(key, edge, stamp);
            return clock.starting() ? emitAll(stamp, budget, sender) : emitDirty(stamp, budget, sender);
        }

        private boolean emitDirty(Version stamp, Budget budget, StepOutput.Sender sender) {
            StepOutput.FanOut fanOut = new Sending(budget);
            for (Dirty.Entry entry = dirty.next(); entry != null; entry = dirty.next()) {
                if (!budget.take() || !emit(entry, stamp, fanOut, sender)) {
                    return false;
                }
                dirty.done();
            }
            return true;
        }

        private boolean emit(Dirty.Entry entry, Version stamp, StepOutput.FanOut fanOut, StepOutput.Sender sender) {
            byte[] row = entry.row().get();
            Bytes subscriber = entry.subscriber();
            if (subscriber == null) {
                return output.emit(state, row, stamp, fanOut, sender);
            }
            if (output instanceof StepOutput.ReferencedBy references) {
                references.answer(state, row, subscriber.get(), stamp, sender);
            }
            return true;
        }

        private boolean emitAll(Version stamp, Budget budget, StepOutput.Sender sender) {
            StepOutput.FanOut fanOut = new Sending(budget);
            try (KeyValueIterator<byte[], byte[]> rows = state.rowsAfter(scannedTo)) {
                while (rows.hasNext()) {
                    if (!budget.take()) {
                        return false;
                    }
                    byte[] key = rows.next().key;
                    output.emit(state, key, stamp, fanOut, sender);
                    scannedTo = key;
                }
            }
            scannedTo = null;
            dirty.clear(); // the scan has sent every row there is
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

        /** How far what is dirty first was sent. */
        private final class Sending implements StepOutput.FanOut {

            private final Budget budget;

            Sending(Budget budget) {
                this.budget = budget;
            }

            @Override
            public boolean mayGoOn() {
                return budget.take();
            }

            @Override
            public byte @Nullable [] sentTo() {
                return dirty.sentTo();
            }

            @Override
            public void sentTo(byte[] receiver) {
                dirty.sentTo(receiver);
            }
        }
    }
}
