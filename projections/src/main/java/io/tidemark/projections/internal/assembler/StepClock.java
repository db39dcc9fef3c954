package io.tidemark.projections.internal.assembler;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A step's clock: the highest tidemark all its inputs have passed, kept with what it follows from. Survives with the
 * step's store, in small records: what moves with every marker and with every record of the own topic must not cost more
 * the more partitions there are.
 *
 * <p>A step that starts from nothing has a floor: the newest tidemark at its start. Up to the floor input is applied as
 * it comes, and nothing is claimed. Nor is anything until the floors of those it depends on are reached, which their
 * markers tell: what they sent while they filled is their state at their own floor.
 */
final class StepClock {

    private static final byte FORMAT = 3;
    private static final byte[] KEY = {'k'};
    private static final byte[] CONSUMED = {'o'};
    private static final byte PASSED = 'p';
    private static final int TIDEMARK_BYTES = 2 * Long.BYTES;

    /** Of the first record, behind its head. */
    private static final int BYTES = 1 + 4 * TIDEMARK_BYTES;

    private final Region region;

    private final List<String> inputs;

    /** What the first record begins with: the format and the inputs, so that no other step takes it for its own. */
    private final byte[] head;

    private TidemarkRef reached = TidemarkRef.NONE;
    private TidemarkRef floor;
    private TidemarkRef claimFloor;
    private @Nullable TidemarkRef target;
    private long consumed;

    /** By input, what each upstream partition has told of. */
    private final Map<String, TidemarkRef[]> markers = new LinkedHashMap<>();

    /**
     * Loads what the store holds.
     *
     * @param store of the step, in which the clock has a region of its own
     * @param edgeInputs inputs that tell of tidemarks by markers, one from each upstream partition
     * @param newest the newest tidemark, which becomes the floor of a step without state
     */
    StepClock(KeyValueStore<Bytes, byte[]> store, List<String> edgeInputs, int upstreamPartitions, TidemarkRef newest) {
        this.region = new Region(store, 'c');
        this.inputs = List.copyOf(edgeInputs);
        this.floor = newest;
        this.claimFloor = newest;
        for (String input : edgeInputs) {
            TidemarkRef[] passed = new TidemarkRef[upstreamPartitions];
            Arrays.fill(passed, TidemarkRef.NONE);
            markers.put(input, passed);
        }
        this.head = (FORMAT + " " + edgeInputs + " " + upstreamPartitions).getBytes(StandardCharsets.UTF_8);
        byte[] kept = region.get(KEY);
        if (kept == null) {
            requireNothing(store);
            save();
        } else {
            load(kept);
        }
    }

    private void requireNothing(KeyValueStore<Bytes, byte[]> store) {
        try (KeyValueIterator<Bytes, byte[]> others = store.all()) {
            if (others.hasNext()) {
                throw otherState();
            }
        }
    }

    private TidemarkException otherState() {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "The assembler's state is of another build or of another definition than this one, '"
                        + new String(head, StandardCharsets.UTF_8)
                        + "'. Give the read model a new name and new targets: it is filled anew");
    }

    private void load(byte[] kept) {
        boolean ours = kept.length == head.length + BYTES && Arrays.mismatch(kept, head) == head.length;
        if (!ours) {
            throw otherState();
        }
        ByteBuffer in = ByteBuffer.wrap(kept, head.length, BYTES);
        boolean aiming = in.get() != 0;
        reached = tidemark(in);
        floor = tidemark(in);
        claimFloor = tidemark(in);
        TidemarkRef aim = tidemark(in);
        target = aiming ? aim : null;
        markers.forEach((input, passed) -> Arrays.setAll(passed, partition -> loadPassed(input, partition)));
        byte[] offset = region.get(CONSUMED);
        consumed = offset == null ? 0 : ByteBuffer.wrap(offset).getLong();
    }

    private TidemarkRef loadPassed(String input, int partition) {
        byte[] passed = region.get(passedKey(input, partition));
        return passed == null ? TidemarkRef.NONE : tidemark(ByteBuffer.wrap(passed));
    }

    private byte[] passedKey(String input, int partition) {
        return ByteBuffer.allocate(1 + 2 * Integer.BYTES)
                .put(PASSED)
                .putInt(inputs.indexOf(input))
                .putInt(partition)
                .array();
    }

    private static TidemarkRef tidemark(ByteBuffer in) {
        return new TidemarkRef(in.getLong(), new Lsn(in.getLong()));
    }

    private void save() {
        ByteBuffer out = ByteBuffer.allocate(head.length + BYTES);
        TidemarkRef aim = target;
        out.put(head).put((byte) (aim == null ? 0 : 1));
        put(out, reached);
        put(out, floor);
        put(out, claimFloor);
        put(out, aim == null ? TidemarkRef.NONE : aim);
        region.put(KEY, out.array());
    }

    private static void put(ByteBuffer out, TidemarkRef tidemark) {
        out.putLong(tidemark.number()).putLong(tidemark.lsn().value());
    }

    TidemarkRef reached() {
        return reached;
    }

    /** Whether the step has claimed nothing yet. */
    boolean starting() {
        return reached.equals(TidemarkRef.NONE);
    }

    TidemarkRef floor() {
        return floor;
    }

    /** The lowest tidemark this step can claim: its own floor, or a higher one of those it depends on. */
    TidemarkRef claimFloor() {
        return claimFloor;
    }

    boolean belowFloor(long position) {
        return starting() && floor.covers(position);
    }

    Optional<TidemarkRef> target() {
        return Optional.ofNullable(target);
    }

    /** Offset just past the last record read of the own topic's partition. */
    long consumed() {
        return consumed;
    }

    void consumed(long offset) {
        consumed = offset;
        region.put(CONSUMED, ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
    }

    void passed(Edge.Marker marker) {
        TidemarkRef[] passed = markers.get(marker.input());
        if (passed == null) {
            throw new IllegalStateException("A marker came for input '" + marker.input() + "', which this step lacks");
        }
        if (marker.floor().compareTo(claimFloor) > 0) {
            claimFloor = marker.floor();
            save();
        }
        passed[marker.fromPartition()] = marker.tidemark();
        ByteBuffer kept = ByteBuffer.allocate(TIDEMARK_BYTES);
        put(kept, marker.tidemark());
        region.put(passedKey(marker.input(), marker.fromPartition()), kept.array());
    }

    /**
     * Aims at the newest tidemark every input has passed, if that is further than what is reached.
     *
     * @param own the newest tidemark the own topic's partition has passed
     */
    void aim(TidemarkRef own) {
        TidemarkRef all = own;
        for (TidemarkRef[] input : markers.values()) {
            for (TidemarkRef passed : input) {
                all = passed.compareTo(all) < 0 ? passed : all;
            }
        }
        boolean news = all.compareTo(reached) > 0 && (!starting() || all.isAtLeast(claimFloor));
        if (news) {
            target = all;
            save();
        }
    }

    /** The target's work is done. */
    void reach(TidemarkRef done) {
        reached = done;
        target = null;
        save();
    }
}
