package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PortionTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Portion portion = new Portion(Duration.ofSeconds(5));

    @Test
    void it_begins_with_few_and_a_store_that_is_fast_soon_gets_whole_batches() {
        assertThat(portion.documents()).isEqualTo(500);
        for (int doublings = 0; doublings < 4; doublings++) {
            portion.took(portion.documents(), SECOND / 10);
        }
        assertThat(portion.documents()).isGreaterThan(5_000);
    }

    @Test
    void a_store_that_is_just_fast_enough_gets_as_much_as_before() {
        portion.took(500, SECOND);
        assertThat(portion.documents()).isEqualTo(500);
    }

    @Test
    void a_slow_one_gets_what_it_can_take_in_time_and_at_least_one() {
        portion.took(5_000, 10 * SECOND);
        assertThat(portion.documents()).isEqualTo(500);
        portion.took(500, 1_000 * SECOND);
        assertThat(portion.documents()).isEqualTo(1);
    }

    @Test
    void it_takes_no_longer_than_closing_can_wait_however_patient_the_group_is() {
        Portion patient = new Portion(Duration.ofMinutes(5));
        patient.took(500, 10 * SECOND);
        assertThat(patient.documents()).isEqualTo(250);
    }

    @Test
    void one_that_is_fast_again_gets_more_each_time_but_not_for_small_batches() {
        portion.took(5_000, 10 * SECOND);
        portion.took(20, 1);
        assertThat(portion.documents()).isEqualTo(500);
        portion.took(500, 1);
        assertThat(portion.documents()).isEqualTo(1_000);
    }

    /** A claim alone that is slow to save says nothing of documents. */
    @Test
    void nothing_written_tells_nothing() {
        portion.took(0, 10 * SECOND);
        assertThat(portion.documents()).isEqualTo(500);
    }
}
