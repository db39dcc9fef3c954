package io.tidemark.capture.internal;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ticks a session now and then, and when there is something for it to do that no message of the stream tells. */
final class SessionTicker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionTicker.class);
    private static final long EVERY_MS = 100;
    private static final long CLOSE_SECONDS = 60;

    private final Runnable stopSession;
    private final AtomicReference<@Nullable CaptureSession> session = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> broken = new AtomicReference<>();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-capture-tick");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Prepares it.
     *
     * @param stopSession called when a tick found the session broken; {@link #requireSound} then says why
     */
    SessionTicker(Runnable stopSession) {
        this.stopSession = stopSession;
    }

    void start(CaptureSession ticked) {
        session.set(ticked);
        // A tick never throws, so this future never ends by itself.
        var unused = executor.scheduleWithFixedDelay(this::tick, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** There may be something to do; called by any thread. */
    void soon() {
        try {
            executor.execute(this::tick);
        } catch (RejectedExecutionException e) {
            LOG.debug("The session ends; the next one finds what there is to do", e);
        }
    }

    /** Throws what a tick found. */
    void requireSound() {
        RuntimeException reason = broken.get();
        if (reason != null) {
            throw reason;
        }
    }

    private void tick() {
        CaptureSession ticked = session.get();
        if (ticked == null || broken.get() != null) {
            return;
        }
        try {
            ticked.tick();
        } catch (RuntimeException e) {
            broken.set(e);
            stopSession.run();
        }
    }

    /** Waits for a tick that is under way: the session is closed next. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("A commit to Kafka has not ended for {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
