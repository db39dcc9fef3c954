package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PortionTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Portion portion = new Portion(Duration.ofSeconds(1));

    @Test
    void a_store_that_is_fast_enough_gets_whole_batches() {
        portion.took(5_000, SECOND);
        assertThat(portion.documents()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void a_slow_one_gets_what_it_can_take_in_time_and_at_least_one() {
        portion.took(5_000, 10 * SECOND);
        assertThat(portion.documents()).isEqualTo(500);
        portion.took(500, 1_000 * SECOND);
        assertThat(portion.documents()).isEqualTo(1);
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
        assertThat(portion.documents()).isEqualTo(Integer.MAX_VALUE);
    }
}
