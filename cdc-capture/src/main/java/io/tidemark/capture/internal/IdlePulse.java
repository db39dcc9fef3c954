package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps tidemarks moving while nothing is captured: writes a logical message, outside any transaction and touching no
 * table, whenever no tidemark was published for a while. Everything committed before it in the WAL arrives before it.
 * Once a second it looks after the publication, idle or not.
 */
final class IdlePulse implements AutoCloseable {

    static final String PREFIX = "tidemark";

    private static final Logger LOG = LoggerFactory.getLogger(IdlePulse.class);

    /** The server locks tables to say which are published: a look that waits for a lock holds up the pulse. */
    private static final Duration LOCK_TIMEOUT = Duration.ofMillis(100);

    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CaptureSettings settings;
    private final PublicationGuard publication;
    private final Consumer<TidemarkException> failure;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tidemark-idle-pulse");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Connection connection;
    private volatile long lastPublishedNanos = System.nanoTime();
    private long lastLookNanos = System.nanoTime();

    /**
     * Prepares it.
     *
     * @param failure told, in the pulse's thread, that capture may not go on; again and again until it is closed
     */
    IdlePulse(CaptureSettings settings, PublicationGuard publication, Consumer<TidemarkException> failure) {
        this.settings = settings;
        this.publication = publication;
        this.failure = failure;
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
        try {
            boolean first = connection == null;
            if (connection == null) {
                connection = SourceErrors.connect(settings.source(), LOCK_TIMEOUT);
            }
            if (first || isQuiet()) {
                pulse(connection);
            }
            if (System.nanoTime() - lastLookNanos > LOOK_EVERY_NANOS) {
                look(connection);
                lastLookNanos = System.nanoTime();
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("No pulse this time", e);
            closeConnection();
        }
    }

    private boolean isQuiet() {
        long quietMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastPublishedNanos);
        return quietMs >= CaptureSettings.IDLE_INTERVAL.toMillis() / 2;
    }

    private static void pulse(Connection open) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute("SELECT pg_logical_emit_message(false, '" + PREFIX + "', '')");
        }
    }

    private void look(Connection open) throws SQLException {
        try {
            publication.requireUnchanged(open);
        } catch (TidemarkException e) {
            failure.accept(e);
        } catch (SQLException e) {
            if (!SourceErrors.isLocked(e)) {
                throw e;
            }
            LOG.debug("A table is locked, as by ALTER TABLE: the publication is looked at later", e);
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
