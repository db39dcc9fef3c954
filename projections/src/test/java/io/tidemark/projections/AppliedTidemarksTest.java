package io.tidemark.projections;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AppliedTidemarksTest {

    private final List<TidemarkRef> told = new ArrayList<>();
    private final AppliedTidemarks applied = new AppliedTidemarks(3, told::add);

    private static TidemarkRef tidemark(long number) {
        return new TidemarkRef(number, new Lsn(number));
    }

    @Test
    void the_minimum_is_over_all_partitions_once_each_has_one() {
        applied.applied(0, tidemark(4));
        applied.applied(1, tidemark(6));
        assertThat(applied.minimum()).isEmpty();
        applied.applied(2, tidemark(5));
        assertThat(applied.minimum()).contains(tidemark(4));
        applied.applied(0, tidemark(7));
        assertThat(told).containsExactly(tidemark(4), tidemark(5));
    }

    @Test
    void what_another_process_writes_is_not_waited_for() {
        applied.applied(0, tidemark(4));
        applied.applied(1, tidemark(6));
        applied.own(Set.of(0, 1));
        assertThat(applied.minimum()).contains(tidemark(4));
        assertThat(told).containsExactly(tidemark(4));
        applied.applied(2, tidemark(1));
        assertThat(applied.minimum())
                .as("a late answer about a partition given away")
                .contains(tidemark(4));
    }

    @Test
    void of_a_partition_that_comes_back_nothing_is_applied_yet() {
        applied.own(Set.of(0));
        applied.applied(0, tidemark(4));
        applied.own(Set.of());
        assertThat(applied.minimum()).isEmpty();
        applied.own(Set.of(0, 1));
        applied.applied(1, tidemark(9));
        assertThat(applied.minimum()).isEmpty();
        applied.applied(0, tidemark(5));
        assertThat(applied.minimum()).contains(tidemark(5));
    }
}
