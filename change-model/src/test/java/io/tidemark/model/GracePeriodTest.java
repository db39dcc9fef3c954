package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.store.GracePeriod;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GracePeriodTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration HALF = Duration.ofMinutes(30);

    private Duration steady = Duration.ZERO;
    private Instant shown = Instant.EPOCH;
    private final GracePeriod grace = new GracePeriod(() -> steady.toNanos(), () -> shown);

    @BeforeEach
    void begin() {
        grace.begin(HOUR);
    }

    @Test
    void half_the_time_deletes_are_remembered_is_for_writing() {
        pass(HALF);
        assertThatCode(this::require).doesNotThrowAnyException();
        pass(Duration.ofMillis(1));
        assertRefused();
        grace.confirm();
        assertThatCode(this::require).doesNotThrowAnyException();
    }

    @Test
    void a_clock_that_stood_still_while_the_machine_slept_does_not_hide_the_time() {
        shown = shown.plus(HALF).plusMillis(1);
        assertRefused();
    }

    @Test
    void a_clock_that_was_set_back_does_not_hide_the_time() {
        steady = steady.plus(HALF).plusMillis(1);
        shown = shown.minus(HOUR);
        assertRefused();
    }

    private void pass(Duration time) {
        steady = steady.plus(time);
        shown = shown.plus(time);
    }

    private void require() {
        grace.require("orders@1");
    }

    private void assertRefused() {
        assertThatThrownBy(this::require)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FENCED))
                .hasMessageContaining("orders@1 was out of touch for 1800 s");
    }
}
