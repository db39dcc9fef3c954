package io.tidemark.app.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.monitor.Health.Part;
import io.tidemark.app.monitor.Health.Standing;
import io.tidemark.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthJudgeTest {

    private static final Duration STOPPED_AFTER = Duration.ofSeconds(60);

    private final HealthJudge judge = new HealthJudge(STOPPED_AFTER);

    private static Sample busy(String part, long progress) {
        return new Sample(part, progress, true, "the store's answer");
    }

    private static Sample idle(String part, long progress) {
        return new Sample(part, progress, false, "");
    }

    private Health at(int second, Sample... samples) {
        // Clocks of this kind may start anywhere, and pass the largest number.
        long nanos =
                Long.MAX_VALUE - 10_000_000_000L + Duration.ofSeconds(second).toNanos();
        return judge.look(List.of(samples), nanos);
    }

    private static Standing only(Health health) {
        assertThat(health.parts()).hasSize(1);
        return health.parts().get(0).standing();
    }

    @Test
    void nothing_started_is_healthy() {
        assertThat(at(0).isHealthy()).isTrue();
    }

    @Test
    void a_part_that_moves_is_healthy_however_slowly() {
        for (int i = 0; i < 10; i++) {
            assertThat(only(at(i * 59, busy("a", i)))).isEqualTo(Standing.MOVES);
        }
    }

    @Test
    void a_part_with_work_that_does_not_move_has_stopped_once_the_time_is_over_and_not_before() {
        at(0, busy("a", 7));
        assertThat(only(at(59, busy("a", 7)))).isEqualTo(Standing.MOVES);
        Health health = at(60, busy("a", 7));
        assertThat(health.isHealthy()).isFalse();
        assertThat(health.parts())
                .containsExactly(new Part("a", Standing.STOPPED, "the store's answer", STOPPED_AFTER));
        assertThat(only(at(61, busy("a", 8)))).isEqualTo(Standing.MOVES);
        assertThat(only(at(120, busy("a", 8)))).isEqualTo(Standing.MOVES);
    }

    @Test
    void any_change_is_a_move() {
        at(0, busy("a", 7));
        at(59, busy("a", 3));
        assertThat(only(at(118, busy("a", 3)))).isEqualTo(Standing.MOVES);
    }

    @Test
    void having_nothing_to_do_is_no_stop_and_what_comes_next_has_its_own_time() {
        at(0, idle("a", 7));
        assertThat(only(at(600, idle("a", 7)))).isEqualTo(Standing.IDLE);
        assertThat(only(at(601, busy("a", 7)))).isEqualTo(Standing.MOVES);
        assertThat(only(at(660, busy("a", 7)))).isEqualTo(Standing.MOVES);
        assertThat(only(at(661, busy("a", 7)))).isEqualTo(Standing.STOPPED);
        assertThat(only(at(662, idle("a", 7)))).isEqualTo(Standing.IDLE);
    }

    @Test
    void parts_are_judged_by_themselves() {
        at(0, busy("a", 1), busy("b", 1));
        Health health = at(60, busy("a", 1), busy("b", 2));
        assertThat(health.isHealthy()).isFalse();
        assertThat(health.parts().stream().filter(part -> part.standing() == Standing.STOPPED))
                .extracting(Part::name)
                .containsExactly("a");
    }

    @Test
    void time_in_which_nobody_looked_is_not_held_against_a_part() {
        at(0, busy("a", 1));
        assertThat(only(at(61, busy("a", 1)))).isEqualTo(Standing.MOVES);
        assertThat(only(at(121, busy("a", 1)))).isEqualTo(Standing.STOPPED);
    }

    @Test
    void a_part_that_went_and_came_back_begins_anew() {
        at(0, busy("a", 1));
        at(30);
        at(31, busy("a", 1));
        assertThat(only(at(61, busy("a", 1)))).isEqualTo(Standing.MOVES);
    }

    @Test
    void the_answer_names_the_part_what_it_waits_for_and_since_when() {
        at(0, busy("a", 1), idle("b", 1));
        at(60, busy("a", 1), idle("b", 1));
        ObjectNode json = at(75, busy("a", 1), idle("b", 1)).json(Instant.parse("2026-11-21T12:01:15Z"));
        assertThat(Json.text(json)).isEqualTo(Json.text(Json.parse("""
                {"healthy": false, "parts": [
                    {"part": "a", "standing": "stopped", "waits_for": "the store's answer",
                     "since": "2026-11-21T12:00:00Z", "seconds": 75},
                    {"part": "b", "standing": "idle"}]}""")));
    }
}
