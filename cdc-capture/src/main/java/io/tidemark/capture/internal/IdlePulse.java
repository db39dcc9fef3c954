package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps tidemarks moving while nothing is captured: writes a logical message, outside any transaction and touching no
 * table, whenever no tidemark was published for a while. Everything committed before it in the WAL arrives before it.
 */
final class IdlePulse implements AutoCloseable {

    static final String PREFIX = "tidemark";

    private static final Logger LOG = LoggerFactory.getLogger(IdlePulse.class);

    private final CaptureSettings settings;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-idle-pulse");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Connection connection;
    private volatile long lastPublishedNanos = System.nanoTime();

    IdlePulse(CaptureSettings settings) {
        this.settings = settings;
    }

    void start() {
        long intervalMs = CaptureSettings.IDLE_INTERVAL.toMillis();
        // emit() never throws, so this future never ends by itself.
        var unused = executor.scheduleWithFixedDelay(this::emit, 0, intervalMs / 2, TimeUnit.MILLISECONDS);
    }

    /** A tidemark was published. */
    void published() {
        lastPublishedNanos = System.nanoTime();
    }

    private void emit() {
        long quietMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastPublishedNanos);
        if (connection != null && quietMs < CaptureSettings.IDLE_INTERVAL.toMillis() / 2) {
            return;
        }
        try {
            if (connection == null) {
                connection = SourceErrors.connect(settings.source());
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_logical_emit_message(false, '" + PREFIX + "', '')");
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("No pulse this time", e);
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
                LOG.debug("Closing the pulse's connection", e);
            }
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (executor.awaitTermination(5, TimeUnit.SECONDS)) {
                closeConnection();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
