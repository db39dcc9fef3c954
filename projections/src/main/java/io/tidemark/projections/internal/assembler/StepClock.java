package io.tidemark.projections.internal.assembler;

import io.tidemark.model.TidemarkRef;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step's clock: the highest tidemark all its inputs have passed, kept with what it follows from. Survives with the
 * step's store.
 *
 * <p>A step that starts from nothing has a floor: the newest tidemark at its start. Up to the floor input is applied as
 * it comes, and nothing is claimed.
 */
final class StepClock {

    private final Region store;
    private final List<String> edgeInputs;
    private final int upstreamPartitions;
    private TidemarkRef reached;
    private TidemarkRef floor;
    private @Nullable TidemarkRef target;
    private long consumed;

    /**
     * Loads what the store holds.
     *
     * @param edgeInputs inputs that tell of tidemarks by markers, one from each upstream partition
     * @param newest the newest tidemark, which becomes the floor of a step without state
     */
    StepClock(Region store, List<String> edgeInputs, int upstreamPartitions, TidemarkRef newest) {
        this.store = store;
        this.edgeInputs = edgeInputs;
        this.upstreamPartitions = upstreamPartitions;
        this.reached = load("reached").orElse(TidemarkRef.NONE);
        this.floor = load("floor").orElseGet(() -> save("floor", newest));
        this.target = load("target").orElse(null);
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

    void passed(Edge.Marker marker) {
        save("marker " + marker.input() + " " + marker.fromPartition(), marker.tidemark());
    }

    /**
     * Aims at the newest tidemark every input has passed, if that is further than what is reached.
     *
     * @param own the newest tidemark the own topic's partition has passed
     */
    void aim(TidemarkRef own) {
        TidemarkRef all = own;
        for (String input : edgeInputs) {
            for (int partition = 0; partition < upstreamPartitions; partition++) {
                TidemarkRef passed = load("marker " + input + " " + partition).orElse(TidemarkRef.NONE);
                all = passed.compareTo(all) < 0 ? passed : all;
            }
        }
        boolean news = all.compareTo(reached) > 0 && (!starting() || all.isAtLeast(floor));
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
