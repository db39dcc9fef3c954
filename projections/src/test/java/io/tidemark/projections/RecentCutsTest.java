package io.tidemark.projections;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Cut;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class RecentCutsTest {

    private static final long BEGIN_MS = 1_800_000_000_000L;

    private final RecentCuts cuts = new RecentCuts();

    /** A tidemark whose number is that of the ms it was published in, after the beginning; it arrives in the next. */
    private void publish(long number) {
        assertThat(cuts.add(tidemark(number, true), BEGIN_MS + number, BEGIN_MS + number + 1))
                .isTrue();
    }

    private static Tidemark tidemark(long number, boolean full) {
        return new Tidemark(number, new Lsn(number), full, Map.of("t", List.of(number)), List.of());
    }

    private static Predicate<Cut> upTo(long number) {
        return cut -> cut.tidemark().number() <= number;
    }

    private static Optional<Long> number(Optional<Cut> cut) {
        return cut.map(Cut::tidemark).map(TidemarkRef::number);
    }

    private Optional<Long> beat(Predicate<Cut> passed, long nowMs) {
        return number(cuts.newestBeatWhere(passed, BEGIN_MS + nowMs));
    }

    @Test
    void the_first_of_each_tenth_of_a_second_is_a_beat() {
        List.of(10L, 20L, 99L, 100L, 150L, 310L, 320L).forEach(this::publish);

        assertThat(beat(upTo(9), 330)).isEmpty();
        assertThat(beat(upTo(99), 330)).contains(10L);
        assertThat(beat(upTo(150), 330)).contains(100L);
        assertThat(beat(upTo(Long.MAX_VALUE), 330)).contains(310L);
        assertThat(number(cuts.newestWhere(upTo(Long.MAX_VALUE))))
                .as("not from beat to beat")
                .contains(320L);
    }

    @Test
    void the_newest_of_all_is_one_when_nothing_has_followed_for_so_long() {
        List.of(10L, 20L).forEach(this::publish);

        assertThat(beat(upTo(Long.MAX_VALUE), 120)).contains(10L);
        assertThat(beat(upTo(Long.MAX_VALUE), 121)).contains(20L);
        assertThat(beat(upTo(10), 121)).as("it is not passed").contains(10L);
    }

    @Test
    void one_that_is_not_the_newest_does_not_become_a_beat_by_waiting() {
        List.of(10L, 20L, 30L).forEach(this::publish);

        assertThat(beat(upTo(20), 5_000)).contains(10L);
    }

    @Test
    void when_many_have_gathered_the_older_ones_are_thinned_out_and_are_beats() {
        for (long number = 0; number <= RecentCuts.KEPT; number++) {
            publish(number);
        }

        assertThat(number(cuts.newestWhere(upTo(7)))).contains(6L);
        assertThat(beat(upTo(7), 10_000)).contains(6L);
        assertThat(beat(upTo(RecentCuts.KEPT - 1), 10_000)).contains(4_000L);
    }

    @Test
    void what_is_not_full_counts_from_the_first_full_one_on() {
        assertThat(cuts.add(tidemark(1, false), BEGIN_MS, BEGIN_MS)).isFalse();
        assertThat(cuts.newest()).isEmpty();
        publish(2);
        assertThat(cuts.add(tidemark(3, false), BEGIN_MS, BEGIN_MS)).isTrue();

        assertThat(cuts.newestWhere(upTo(Long.MAX_VALUE)))
                .map(cut -> cut.offset("t", 0))
                .contains(3L);
    }
}
