package io.tidemark.model.store;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Whether a read model holds what was committed before a read token was taken. */
public sealed interface Freshness {

    /** It does, as of this applied tidemark. */
    record Fresh(TidemarkRef applied) implements Freshness {}

    /**
     * It does not yet, as far as it has said in the time given.
     *
     * @param token the LSN it has not reached
     * @param applied empty when it never started, or is filled for the first time
     */
    record Stale(Lsn token, Optional<TidemarkRef> applied) implements Freshness {

        /** Bytes of the source's WAL it is behind; empty when it never started. */
        public OptionalLong behindBytes() {
            return applied.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(token.value() - applied.get().lsn().value());
        }
    }

    /**
     * Holds an applied tidemark against a token.
     *
     * @param token an LSN, see {@link io.tidemark.model.Tidemark#token}
     */
    static Freshness of(Lsn token, Optional<TidemarkRef> applied) {
        return applied.isPresent() && !applied.get().lsn().isBefore(token)
                ? new Fresh(applied.get())
                : new Stale(token, applied);
    }

    /**
     * Asks until it is fresh for a token.
     *
     * @param timeout zero to ask once
     * @return what it was when it became fresh, or when the time was over
     */
    static Freshness await(Lsn token, Duration timeout, Supplier<Optional<TidemarkRef>> applied)
            throws InterruptedException {
        long until = System.nanoTime() + timeout.toNanos();
        long pauseNanos = Duration.ofMillis(1).toNanos();
        Freshness now = of(token, applied.get());
        while (now instanceof Stale && System.nanoTime() < until) {
            LockSupport.parkNanos(Math.min(pauseNanos, until - System.nanoTime()));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            pauseNanos = Math.min(2 * pauseNanos, Duration.ofMillis(20).toNanos());
            now = of(token, applied.get());
        }
        return now;
    }
}
