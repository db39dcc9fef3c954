package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.reconciliation.Repair;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReconciledTest {

    private static Reconciled of(Verdict verdict, long drift, @Nullable Repair repair) {
        TidemarkRef tidemark = new TidemarkRef(42, new Lsn(1));
        Report report =
                new Report("orders", "search", verdict, tidemark, 9, drift, List.of(), 0, List.of(), "", repair);
        Reconciled now = Reconciled.of(report);
        assertThat(Reconciled.of(RunHistory.run(Instant.EPOCH, Instant.EPOCH, report, 3)))
                .as("what the topic of runs says")
                .isEqualTo(now);
        return now;
    }

    @Test
    void what_a_run_found_is_known_from_its_report_and_from_the_topic() {
        assertThat(of(Verdict.NO_DRIFT, 0, null)).isEqualTo(new Reconciled("search", true, 0));
        assertThat(of(Verdict.DRIFT, 7, null)).isEqualTo(new Reconciled("search", true, 7));
        assertThat(of(Verdict.COULD_NOT_TELL, 0, null)).isEqualTo(new Reconciled("search", false, 0));
    }

    @Test
    void of_what_drifted_only_that_counts_which_was_not_mended() {
        assertThat(of(Verdict.DRIFT, 7, new Repair(4, 1, 0, List.of(), 0)))
                .isEqualTo(new Reconciled("search", true, 0));
        assertThat(of(Verdict.DRIFT, 7, new Repair(3, 1, 1, List.of(), 2)))
                .isEqualTo(new Reconciled("search", true, 3));
    }
}
