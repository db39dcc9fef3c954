package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkRef;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
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
    }

    @Test
    void a_clock_of_another_definition_is_refused() {
        List<String> others = List.of("a");

        assertThatThrownBy(() -> new StepClock(store, others, 1, T110)).hasMessageContaining("of another definition");
    }

    private void aim(TidemarkRef own) {
        clock.aim(own);
    }

    private void passed(String input, TidemarkRef tidemark, TidemarkRef floor) {
        clock.passed(new Edge.Marker(input, tidemark, floor, 0));
    }
}
