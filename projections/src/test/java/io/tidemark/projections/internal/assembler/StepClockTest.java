package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkRef;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class StepClockTest {

    private static final List<String> INPUTS = List.of("a", "b");
    private static final TidemarkRef T100 = TidemarkRef.parse("100@0/100");
    private static final TidemarkRef T103 = TidemarkRef.parse("103@0/103");
    private static final TidemarkRef T105 = TidemarkRef.parse("105@0/105");
    private static final TidemarkRef T110 = TidemarkRef.parse("110@0/110");

    private final KeyValueStore<Bytes, byte[]> store = StepDriver.store();
    private final StepClock clock = new StepClock(store, INPUTS, 1, T100);

    @Test
    void the_clock_is_the_lowest_that_every_input_has_passed() {
        passed("a", T110, T100);
        aim(T105);
        assertThat(clock.target()).as("before b has said anything").isEmpty();

        passed("b", T103, T100);
        aim(T105);

        assertThat(clock.target()).contains(T103);
    }

    @Test
    void nothing_is_claimed_below_the_floor_of_one_it_depends_on() {
        passed("a", T105, T105);
        passed("b", T103, T100);
        aim(T110);
        assertThat(clock.target()).as("a's messages stand for its state at 105").isEmpty();

        passed("b", T110, T100);
        aim(T110);

        assertThat(clock.target()).contains(T105);
        assertThat(clock.claimFloor())
                .as("and whoever depends on this step is told")
                .isEqualTo(T105);
        assertThat(clock.belowFloor(103))
                .as("its own floor decides what is applied at once")
                .isFalse();
    }

    @Test
    void an_idle_tidemark_moves_the_clock_by_its_lsn() {
        passed("a", T105, T100);
        passed("b", T105, T100);
        aim(T105);
        clock.reach(T105);
        TidemarkRef idle = TidemarkRef.parse("105@0/200");

        passed("a", idle, T100);
        passed("b", idle, T100);
        aim(idle);

        assertThat(clock.target()).contains(idle);
    }

    @Test
    void a_tidemark_below_the_one_that_is_reached_is_no_news() {
        passed("a", T110, T100);
        passed("b", T110, T100);
        aim(T110);
        clock.reach(T110);

        aim(T105);

        assertThat(clock.target()).isEmpty();
    }

    @Test
    void what_a_clock_knows_survives_with_its_store() {
        passed("a", T105, T105);
        passed("b", T110, T100);
        clock.consumed(42);
        aim(T110);

        StepClock again = new StepClock(store, INPUTS, 1, T110);

        assertThat(again.target()).contains(T105);
        assertThat(again.consumed()).isEqualTo(42);
        assertThat(again.floor()).as("a floor is fixed once").isEqualTo(T100);
        assertThat(again.claimFloor()).isEqualTo(T105);
        assertThat(again.starting()).isTrue();
        again.reach(T105);
        again.aim(T110);
        assertThat(again.target()).as("a has passed no more").isEmpty();
        again.passed(new Edge.Marker("a", T110, T105, 0));
        again.aim(T110);
        assertThat(again.target()).as("b had").contains(T110);
    }

    @Test
    void what_each_partition_has_told_survives_by_itself() {
        KeyValueStore<Bytes, byte[]> two = StepDriver.store();
        StepClock before = new StepClock(two, INPUTS, 2, T100);
        List.of(0, 1).forEach(partition -> before.passed(new Edge.Marker("b", T110, T100, partition)));
        before.passed(new Edge.Marker("a", T103, T100, 0));
        before.passed(new Edge.Marker("a", T110, T100, 1));

        StepClock again = new StepClock(two, INPUTS, 2, T110);
        again.aim(T110);
        assertThat(again.target()).contains(T103);
        again.reach(T103);
        again.passed(new Edge.Marker("a", T110, T100, 0));
        again.aim(T110);

        assertThat(again.target()).as("the other partition had").contains(T110);
    }

    @Test
    void a_clock_of_another_definition_is_refused() {
        List<String> others = List.of("a");

        assertThatThrownBy(() -> new StepClock(store, others, 1, T110)).hasMessageContaining("of another definition");
    }

    @Test
    void rows_without_a_clock_are_of_another_build() {
        KeyValueStore<Bytes, byte[]> rows = StepDriver.store();
        rows.put(Bytes.wrap(new byte[] {'r', '1'}), new byte[0]);

        assertThatThrownBy(() -> new StepClock(rows, INPUTS, 1, T110)).hasMessageContaining("of another build");
    }

    @Test
    void a_clock_in_another_format_is_refused() {
        KeyValueStore<Bytes, byte[]> other = StepDriver.store();
        byte[] record = Arrays.copyOf("2 [a, b] 1".getBytes(StandardCharsets.UTF_8), 75);
        other.put(Bytes.wrap(new byte[] {'c'}), record);
        other.put(Bytes.wrap(new byte[] {'c', 'k'}), record);

        assertThatThrownBy(() -> new StepClock(other, INPUTS, 1, T110)).hasMessageContaining("of another build");
    }

    @Test
    void a_marker_costs_the_same_however_many_partitions_there_are() {
        KeyValueStore<Bytes, byte[]> wide = StepDriver.store();
        StepClock many = new StepClock(wide, INPUTS, 500, T100);
        Map<Bytes, byte[]> before = contents(wide);

        many.passed(new Edge.Marker("b", T105, T100, 499));

        Map<Bytes, byte[]> written = contents(wide);
        before.forEach((key, value) -> assertThat(written.remove(key)).isEqualTo(value));
        assertThat(written.values()).singleElement().satisfies(value -> assertThat(value)
                .hasSize(16));
    }

    private static Map<Bytes, byte[]> contents(KeyValueStore<Bytes, byte[]> store) {
        Map<Bytes, byte[]> contents = new HashMap<>();
        try (KeyValueIterator<Bytes, byte[]> entries = store.all()) {
            entries.forEachRemaining(entry -> contents.put(entry.key, entry.value));
        }
        return contents;
    }

    private void aim(TidemarkRef own) {
        clock.aim(own);
    }

    private void passed(String input, TidemarkRef tidemark, TidemarkRef floor) {
        clock.passed(new Edge.Marker(input, tidemark, floor, 0));
    }
}
