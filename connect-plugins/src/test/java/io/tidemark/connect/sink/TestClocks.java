package io.tidemark.connect.sink;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Two clocks that a test sets. */
final class TestClocks {

    private long nanos;
    private Instant wall = Instant.parse("2026-01-01T00:00:00Z");

    LongSupplier nanos() {
        return () -> nanos;
    }

    InstantSource wall() {
        return () -> wall;
    }

    void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }

    /** The machine sleeps, and its steady clock with it. */
    void sleep(Duration time) {
        wall = wall.plus(time);
    }
}
