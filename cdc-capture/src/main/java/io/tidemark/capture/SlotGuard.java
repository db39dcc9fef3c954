package io.tidemark.capture;

import io.tidemark.capture.internal.SlotAlarm;
import io.tidemark.capture.internal.SourceErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches how much WAL the slot holds back while capture runs, and says when it is too much and when no longer. */
public final class SlotGuard implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SlotGuard.class);
    private static final long EVERY_MS = 2000;
    private static final long CLOSE_TIMEOUT_MS = 5000;

    private final CaptureSettings settings;
    private final Consumer<String> listener;
    private final SlotAlarm alarm;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-slot-guard");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Connection connection;
    private volatile @Nullable SlotStatus latest;

    /**
     * Prepares it.
     *
     * @param listener told, in the guard's thread, once when a bound is crossed and once when the slot is back below it
     */
    public SlotGuard(CaptureSettings settings, Consumer<String> listener) {
        this.settings = settings;
        this.listener = listener;
        this.alarm = new SlotAlarm(settings.budget());
    }

    public void start() {
        // look() never throws, so this future never ends by itself.
        var unused = executor.scheduleWithFixedDelay(this::look, 0, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** The slot as last looked at, seconds ago; empty before, and while the source does not answer. */
    public Optional<SlotStatus> latest() {
        return Optional.ofNullable(latest);
    }

    /** What cannot be asked now is asked again: that a source is away is for capture to say. */
    private void look() {
        try {
            if (connection == null) {
                connection = SourceErrors.connect(settings.source());
            }
            SlotStatus slot = SlotStatus.read(connection, settings.slot());
            latest = slot;
            alarm.next(slot).ifPresent(listener);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("The slot cannot be looked at this time", e);
            latest = null;
            closeConnection();
        }
    }

    private void closeConnection() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("Closing the slot guard's connection", e);
            }
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (executor.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                closeConnection();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
