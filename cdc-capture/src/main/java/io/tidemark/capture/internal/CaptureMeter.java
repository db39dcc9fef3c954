package io.tidemark.capture.internal;

import io.tidemark.capture.internal.CaptureSession.Committed;
import io.tidemark.capture.internal.kafka.CaptureState;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what was made durable, over all sessions of a process. Written by capture's thread, read by any. */
final class CaptureMeter {

    private final LongAdder commits = new LongAdder();
    private final LongAdder commitNanos = new LongAdder();
    private final LongAdder transactions = new LongAdder();
    private final LongAdder changes = new LongAdder();
    private volatile @Nullable CaptureState newest;
    private volatile @Nullable Instant publishedAt;

    void committed(Committed committed) {
        commits.increment();
        commitNanos.add(committed.nanos());
        transactions.add(committed.transactions());
        changes.add(committed.changes());
        newest = committed.state();
        if (committed.tidemark()) {
            publishedAt = Instant.now();
        }
    }

    long commits() {
        return commits.sum();
    }

    long commitNanos() {
        return commitNanos.sum();
    }

    long transactions() {
        return transactions.sum();
    }

    long changes() {
        return changes.sum();
    }

    /** What is durable, as far as this process has made it so. */
    Optional<CaptureState> newest() {
        return Optional.ofNullable(newest);
    }

    /** When this process published its newest tidemark. */
    Optional<Instant> publishedAt() {
        return Optional.ofNullable(publishedAt);
    }
}
