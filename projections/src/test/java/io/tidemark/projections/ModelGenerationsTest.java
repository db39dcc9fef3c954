package io.tidemark.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Json;
import io.tidemark.projections.ModelGenerations.Build;
import io.tidemark.projections.ModelGenerations.State;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelGenerationsTest {

    private static final ModelGenerations FIRST = ModelGenerations.first("orders", "lineage", build(1));

    private static Build build(int number) {
        return Build.of(
                number,
                number,
                "digest" + number,
                Map.of("search", "orders"),
                Json.object().put("a", 1.5));
    }

    @Test
    void one_that_begins_is_not_live_and_the_live_one_stays() {
        ModelGenerations now = FIRST.beginning(build(2));
        assertThat(now.live()).isEqualTo(1);
        assertThat(now.filling())
                .hasValueSatisfying(build -> assertThat(build.number()).isEqualTo(2));
        assertThat(now.old()).isEmpty();
    }

    @Test
    void one_that_begins_takes_the_place_of_one_that_was_filling_and_no_number_is_given_twice() {
        ModelGenerations now = FIRST.beginning(build(2)).beginning(build(3));
        assertThat(now.filling())
                .hasValueSatisfying(build -> assertThat(build.number()).isEqualTo(3));
        assertThat(now.build(2).orElseThrow().state()).isEqualTo(State.DROPPING);
        assertThat(now.dropped(2).dropped(3).highest()).isEqualTo(3);
    }

    @Test
    void what_is_promoted_is_live_when_that_is_done_and_the_one_before_is_kept() {
        ModelGenerations deciding = FIRST.beginning(build(2)).promoting(2);
        assertThat(deciding.live()).isEqualTo(1);
        assertThat(deciding.decision()).isEqualTo(1);
        ModelGenerations done = deciding.promoted();
        assertThat(done.live()).isEqualTo(2);
        assertThat(done.next()).isZero();
        assertThat(done.filling()).isEmpty();
        assertThat(done.old())
                .hasValueSatisfying(build -> assertThat(build.number()).isEqualTo(1));
    }

    @Test
    void after_a_rollback_nobody_goes_back_to_what_was_fled_from() {
        ModelGenerations back =
                FIRST.beginning(build(2)).promoting(2).promoted().promoting(1);
        assertThat(back.goesBack()).isTrue();
        back = back.promoted();
        assertThat(back.live()).isEqualTo(1);
        assertThat(back.old()).isEmpty();
        ModelGenerations third = back.beginning(build(3)).promoting(3).promoted();
        assertThat(third.old())
                .hasValueSatisfying(build -> assertThat(build.number()).isEqualTo(1));
    }

    @Test
    void a_promotion_that_is_taken_back_leaves_everything_as_it_was() {
        ModelGenerations second = FIRST.beginning(build(2)).promoting(2).promoted();
        ModelGenerations now = second.beginning(build(3)).promoting(3);
        assertThat(now.goesBack()).isFalse();
        ModelGenerations taken = now.promoting(2);
        assertThat(taken.goesBack()).isTrue();
        assertThat(taken.decision()).isEqualTo(3);
        taken = taken.promoted();
        assertThat(taken.live()).isEqualTo(2);
        assertThat(taken.filling())
                .hasValueSatisfying(build -> assertThat(build.number()).isEqualTo(3));
        assertThat(taken.old())
                .hasValueSatisfying(build -> assertThat(build.number()).isEqualTo(1));
    }

    @Test
    void what_readers_are_being_given_is_neither_given_up_nor_dropped() {
        ModelGenerations deciding = FIRST.beginning(build(2)).promoting(2);
        assertThatThrownBy(() -> deciding.beginning(build(3))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> deciding.dropping(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> deciding.dropping(2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void what_is_written_is_read_again() {
        ModelGenerations now = FIRST.beginning(build(2).with("why")).promoting(2);
        String text = Json.text(now.promoted().toJson());
        assertThat(Json.text(
                        ModelGenerations.fromJson("orders", Json.parse(text)).toJson()))
                .isEqualTo(text);
    }
}
