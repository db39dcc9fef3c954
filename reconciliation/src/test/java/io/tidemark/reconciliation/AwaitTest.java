package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitTest {

    @Test
    void a_condition_that_comes_true_ends_the_wait() {
        AtomicInteger tries = new AtomicInteger();

        assertThat(Await.atMost(Duration.ofSeconds(20)).until(() -> tries.incrementAndGet() == 3))
                .isTrue();
        assertThat(tries).hasValue(3);
    }

    @Test
    void conditions_share_one_deadline_and_are_tried_at_least_once() {
        Await await = Await.atMost(Duration.ofMillis(1));

        assertThat(await.until(() -> false)).isFalse();
        assertThat(await.until(() -> true)).isTrue();
        assertThat(await.until(() -> false)).isFalse();
    }

    @Test
    void an_interrupt_ends_the_wait_and_is_kept() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Await.atMost(Duration.ofSeconds(20)).until(() -> false))
                .isInstanceOf(TidemarkException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
