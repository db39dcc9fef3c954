package io.tidemark.capture;

import io.tidemark.capture.internal.CaptureLife;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final CaptureLife life;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable Thread thread;

    public CaptureRunner(CaptureSettings settings, SnapshotProgress progress) {
        this.life = new CaptureLife(settings, progress);
    }

    /**
     * Checks the source and the topics, takes the initial snapshot when there is none, and starts streaming.
     *
     * @throws TidemarkException when capture cannot start; nothing is left running then
     */
    public void start() {
        life.prepare();
        thread = new Thread(this::streamUntilClosed, "tidemark-capture");
        thread.start();
    }

    /** The newest tidemark published by this runner or found by it at its start. */
    public Optional<TidemarkRef> newestTidemark() {
        return life.newestTidemark();
    }

    /** Id of the topics' history, made with them. */
    public String lineage() {
        return life.lineage();
    }

    /** Completes normally after {@link #close}, exceptionally with a {@link TidemarkException} when capture ends itself. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    private void streamUntilClosed() {
        try {
            while (closing.getCount() > 0) {
                try {
                    life.stream();
                } catch (TidemarkException e) {
                    if (closing.getCount() > 0 && e.code() != ErrorCode.UNREACHABLE) {
                        throw e;
                    }
                    LOG.warn("Capture lost a connection and will start again from the slot: {}", e.getMessage());
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

    @Override
    public void close() {
        closing.countDown();
        Thread running = thread;
        if (running == null) {
            return;
        }
        life.close();
        try {
            running.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (running.isAlive()) {
            throw new TidemarkException(
                    ErrorCode.TIMEOUT, "Capture did not stop within " + CLOSE_TIMEOUT.toSeconds() + " s");
        }
    }
}
