package io.tidemark.capture.internal;

import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ticks a session now and then, and when there is something for it to do that no message of the stream tells. */
final class SessionTicker {

    private static final Logger LOG = LoggerFactory.getLogger(SessionTicker.class);
    private static final long EVERY_MS = 100;
    private static final long CLOSE_SECONDS = 60;

    private final Consumer<Throwable> failure;
    private final AtomicReference<@Nullable CaptureSession> session = new AtomicReference<>();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-capture-tick");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Prepares it.
     *
     * @param failure told, in the ticker's thread, what broke the session; it is ticked no more then
     */
    SessionTicker(Consumer<Throwable> failure) {
        this.failure = failure;
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

    private void tick() {
        CaptureSession ticked = session.get();
        try {
            if (ticked != null) {
                ticked.tick();
            }
        } catch (RuntimeException | Error e) {
            session.set(null);
            failure.accept(e);
        }
    }

    /** Waits for a tick that is under way: the session is closed next. */
    void stop() {
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
