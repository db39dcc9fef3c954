package io.tidemark.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementTest {

    private static final Map<String, List<Run>> RUNS = Map.of(
            "ours", List.of(run(1), run(2), run(10)),
            "theirs", List.of(run(3), run(4), run(10)));

    @Test
    void a_ratio_is_the_median_of_the_ratios_of_pairs() {
        assertThat(Measurement.ratio("r", RUNS, "ours", "theirs", 2, "").value())
                .isEqualTo(2);
    }

    @Test
    void of_a_ratio_more_is_better_and_of_a_cost_less() {
        assertThat(Measurement.ratio("r", RUNS, "ours", "theirs", 2, "").met()).isTrue();
        assertThat(Measurement.ratio("r", RUNS, "ours", "theirs", 2.1, "").met())
                .isFalse();
        assertThat(Measurement.cost("c", RUNS, "theirs", "ours", 2, "").met()).isTrue();
        assertThat(Measurement.cost("c", RUNS, "theirs", "ours", 1.9, "").met()).isFalse();
    }

    private static Run run(double seconds) {
        return new Run(1000, seconds, seconds, 1);
    }
}
