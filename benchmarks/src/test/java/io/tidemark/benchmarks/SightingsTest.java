package io.tidemark.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class SightingsTest {

    @Test
    void a_commit_is_seen_when_the_store_shows_its_revision_or_a_newer_one() {
        AtomicInteger looks = new AtomicInteger();
        Map<Long, Long> store = new ConcurrentHashMap<>(Map.of(1L, 4L, 2L, 9L));
        try (Sightings sightings = new Sightings("test", Duration.ofMillis(1), orders -> {
            if (looks.incrementAndGet() == 3) {
                store.put(1L, 5L);
            }
            return store;
        })) {
            long committed = System.nanoTime() - TimeUnit.SECONDS.toNanos(5);
            sightings.sent(1, 5, committed);
            sightings.sent(2, 8, committed);

            Histogram micros = sightings.await();

            assertThat(micros.getTotalCount()).isEqualTo(2);
            assertThat(micros.getMinValue()).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toMicros(4));
            assertThat(looks.get()).isGreaterThanOrEqualTo(3);
            assertThat(sightings.await().getTotalCount()).isZero();
        }
    }

    @Test
    void a_look_that_fails_is_told() {
        try (Sightings sightings = new Sightings("test", Duration.ofMillis(1), orders -> {
            throw new IllegalStateException("the store is gone");
        })) {
            sightings.sent(1, 1, System.nanoTime());

            assertThatThrownBy(sightings::await)
                    .hasMessageContaining("look into test")
                    .hasRootCauseMessage("the store is gone");
        }
    }
}
