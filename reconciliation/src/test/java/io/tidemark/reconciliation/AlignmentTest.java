package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AlignmentTest {

    private final HandDrivenLog log = new HandDrivenLog();
    private final Standstill standstill = new Standstill();

    private Alignment.Outcome await(long lsn, Duration timeout) {
        TakenSnapshot snapshot = new TakenSnapshot(new Lsn(lsn), XidSnapshot.parse("10:10:"), new Lsn(lsn));
        return new Alignment(log, new InMemoryReader(), timeout, standstill).await(snapshot);
    }

    @Test
    void whoever_finds_capture_where_it_stood_does_not_wait_as_long_once_more() {
        log.stopAt(new Lsn(5));
        assertThat(await(9, Duration.ofMillis(50)))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.type(Alignment.Outcome.Behind.class))
                .satisfies(behind -> assertThat(behind.reason()).contains("0/9", "within 0 s", "0@0/5"));
        // Were it waited for, the test would take that long.
        assertThat(await(9, Duration.ofDays(1)))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.type(Alignment.Outcome.Behind.class))
                .satisfies(behind -> assertThat(behind.reason()).contains("does not move", "0@0/5"));

        log.stopAt(new Lsn(6));
        assertThat(await(9, Duration.ofMillis(50)))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.type(Alignment.Outcome.Behind.class))
                .satisfies(behind -> assertThat(behind.reason()).contains("within", "0@0/6"));
        log.stopAt(new Lsn(9));
        assertThat(await(9, Duration.ofMillis(50))).isInstanceOf(Alignment.Outcome.Aligned.class);
    }
}
