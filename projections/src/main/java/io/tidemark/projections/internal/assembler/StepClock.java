package io.tidemark.projections.internal.assembler;

import io.tidemark.model.TidemarkRef;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step's clock: the highest tidemark all its inputs have passed, kept with what it follows from. Survives with the
 * step's store.
 *
 * <p>A step that starts from nothing has a floor: the newest tidemark at its start. Up to the floor input is applied as
 * it comes, and nothing is claimed. Nor is anything until the floors of those it depends on are reached, which their
 * markers tell: what they sent while they filled is their state at their own floor.
 */
final class StepClock {

    private final Region store;
    private TidemarkRef reached;
    private TidemarkRef floor;
    private TidemarkRef claimFloor;
    private @Nullable TidemarkRef target;
    private long consumed;

    /** By input, what each upstream partition has told of. */
    private final Map<String, TidemarkRef[]> markers = new HashMap<>();

    /**
     * Loads what the store holds.
     *
     * @param edgeInputs inputs that tell of tidemarks by markers, one from each upstream partition
     * @param newest the newest tidemark, which becomes the floor of a step without state
     */
    StepClock(Region store, List<String> edgeInputs, int upstreamPartitions, TidemarkRef newest) {
        this.store = store;
        this.reached = load("reached").orElse(TidemarkRef.NONE);
        this.floor = load("floor").orElseGet(() -> save("floor", newest));
        this.claimFloor = load("claim-floor").orElse(floor);
        this.target = load("target").orElse(null);
        for (String input : edgeInputs) {
            markers.put(input, loadMarkers(input, upstreamPartitions));
        }
        byte[] offset = store.get(key("consumed"));
        this.consumed = offset == null ? 0 : ByteBuffer.wrap(offset).getLong();
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
        store.put(
                key("consumed"), ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
    }

    private TidemarkRef[] loadMarkers(String input, int upstreamPartitions) {
        TidemarkRef[] passed = new TidemarkRef[upstreamPartitions];
        for (int partition = 0; partition < upstreamPartitions; partition++) {
            passed[partition] = load(markerName(input, partition)).orElse(TidemarkRef.NONE);
        }
        return passed;
    }

    void passed(Edge.Marker marker) {
        TidemarkRef[] passed = markers.get(marker.input());
        if (passed == null) {
            throw new IllegalStateException("A marker came for input '" + marker.input() + "', which this step lacks");
        }
        if (marker.floor().compareTo(claimFloor) > 0) {
            claimFloor = save("claim-floor", marker.floor());
        }
        int from = marker.fromPartition();
        passed[from] = save(markerName(marker.input(), from), marker.tidemark());
    }

    private static String markerName(String input, int partition) {
        return "marker " + input + " " + partition;
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
            target = save("target", all);
        }
    }

    /** The target's work is done. */
    void reach(TidemarkRef done) {
        reached = save("reached", done);
        target = null;
        store.delete(key("target"));
    }

    private Optional<TidemarkRef> load(String name) {
        byte[] value = store.get(key(name));
        return value == null
                ? Optional.empty()
                : Optional.of(TidemarkRef.parse(new String(value, StandardCharsets.US_ASCII)));
    }

    private TidemarkRef save(String name, TidemarkRef tidemark) {
        store.put(key(name), tidemark.toString().getBytes(StandardCharsets.US_ASCII));
        return tidemark;
    }

    private static byte[] key(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
