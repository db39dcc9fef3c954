package io.tidemark.capture;

import io.tidemark.capture.internal.CaptureLife;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs capture in a thread of its own until it is closed or cannot go on. A lost connection, and a slot that another
 * capture holds, are waited out; everything else ends it.
 */
public final class CaptureRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureRunner.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration FENCED_AGAIN_WITHIN = Duration.ofMinutes(5);
    private static final Duration CLOSE_AGAIN_AFTER = Duration.ofMillis(500);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final CaptureLife life;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable Thread thread;
    private @Nullable String lastReason;
    private volatile @Nullable TidemarkException interruption;
    private @Nullable Instant fencedAt;

    public CaptureRunner(CaptureSettings settings, SnapshotProgress progress) {
        this.life = new CaptureLife(settings, progress);
    }

    /**
     * Checks the source and the topics, makes slot and topics when there are none, and starts streaming. Tables not captured
     * before are read meanwhile.
     *
     * @throws TidemarkException when capture cannot start; nothing is left running then
     */
    public void start() {
        life.prepare();
        Thread streaming = new Thread(this::streamUntilClosed, "tidemark-capture");
        // Out of memory and the like must not leave everything running but capture.
        streaming.setUncaughtExceptionHandler((dead, error) ->
                ended.completeExceptionally(new TidemarkException(ErrorCode.FAILED, "Capture died: " + error, error)));
        thread = streaming;
        streaming.start();
    }

    /** Id of the topics' history, made with them. */
    public String lineage() {
        return life.lineage();
    }

    /** What it has done and what it is at; from any thread, and cheap. */
    public CaptureStatus status() {
        return life.status(interruption);
    }

    /** Completes normally after {@link #close}, exceptionally with a {@link TidemarkException} when capture ends itself. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /**
     * Waits until the slot is this capture's own: at once, or when the capture that holds it ends.
     *
     * @throws TidemarkException what ended this capture meanwhile
     */
    public void awaitOwned() throws InterruptedException {
        while (!life.awaitOwned(RETRY_AFTER)) {
            if (ended.isCompletedExceptionally()) {
                awaitEnd();
            }
        }
    }

    /**
     * Waits for a tidemark that names every captured table: at the first start until all were read, later until those that
     * were added are.
     *
     * @throws TidemarkException what ended this capture meanwhile
     */
    public void awaitCovered() throws InterruptedException {
        while (!life.awaitCovered(RETRY_AFTER)) {
            if (ended.isCompletedExceptionally()) {
                awaitEnd();
            }
        }
    }

    /**
     * Waits until capture is closed.
     *
     * @throws TidemarkException what ended it before
     */
    public void awaitEnd() throws InterruptedException {
        try {
            ended.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }

    private void streamUntilClosed() {
        try {
            while (closing.getCount() > 0) {
                try {
                    life.stream();
                } catch (TidemarkException e) {
                    if (closing.getCount() == 0) {
                        break;
                    }
                    if (e.code() != ErrorCode.UNREACHABLE && !mayHaveSlept(e)) {
                        throw e;
                    }
                    say(e.getMessage());
                    interruption = e;
                }
                if (closing.await(RETRY_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
            ended.complete(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended.complete(null);
        } catch (RuntimeException e) {
            ended.completeExceptionally(e);
        }
    }

    /**
     * Whether it is worth looking who holds the slot: Kafka fences a capture that another one took over from, and one that
     * was asleep so long that its transaction was given up. Two that take over from each other again and again do not share
     * a slot, and must end.
     */
    private boolean mayHaveSlept(TidemarkException e) {
        if (e.code() != ErrorCode.FENCED) {
            return false;
        }
        Instant before = fencedAt;
        fencedAt = Instant.now();
        return before == null || before.plus(FENCED_AGAIN_WITHIN).isBefore(fencedAt);
    }

    /** Says why capture waits, once for each reason. */
    private void say(@Nullable String reason) {
        if (!Objects.equals(reason, lastReason)) {
            LOG.warn("Capture waits and starts again from the slot: {}", reason);
        }
        lastReason = reason;
    }

    @Override
    public void close() {
        closing.countDown();
        Thread running = thread;
        if (running == null) {
            return;
        }
        try {
            // An engine that is only just starting does not hear the first call.
            long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
            while (running.isAlive() && System.nanoTime() < deadline) {
                life.close();
                running.join(CLOSE_AGAIN_AFTER.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (running.isAlive()) {
            throw new TidemarkException(
                    ErrorCode.TIMEOUT, "Capture did not stop within " + CLOSE_TIMEOUT.toSeconds() + " s");
        }
    }
}
