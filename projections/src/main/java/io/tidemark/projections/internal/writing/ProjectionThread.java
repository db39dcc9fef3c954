package io.tidemark.projections.internal.writing;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that polls a consumer until it is closed or fails, and says which. */
public abstract class ProjectionThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProjectionThread.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final String name;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final LongAdder read = new LongAdder();
    private @Nullable Thread thread;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;

    ProjectionThread(String name) {
        this.name = name;
    }

    final String name() {
        return name;
    }

    final CountDownLatch closing() {
        return closing;
    }

    final void countRead(int records) {
        read.add(records);
    }

    /** Records of topics read since the start, of a mirror each once; from any thread. */
    public final long recordsRead() {
        return read.sum();
    }

    /** Opens the consumer the thread polls; called in the thread that starts it. */
    abstract KafkaConsumer<byte[], byte[]> open();

    /** One turn; called again and again. */
    abstract void turn(KafkaConsumer<byte[], byte[]> open) throws InterruptedException;

    /** Closes what {@link #open} and the turns used, besides the consumer. */
    abstract void release();

    /** Opens and starts; throws what opening throws, with nothing left open. */
    public final void start() {
        KafkaConsumer<byte[], byte[]> opened;
        try {
            opened = open();
        } catch (RuntimeException e) {
            release();
            throw e;
        }
        consumer = opened;
        Thread started = new Thread(() -> run(opened), "tidemark-" + name);
        // Out of memory and the like must not leave everything running but this.
        started.setUncaughtExceptionHandler((dead, error) ->
                ended.completeExceptionally(new TidemarkException(ErrorCode.FAILED, name + " died: " + error, error)));
        thread = started;
        started.start();
    }

    private void run(KafkaConsumer<byte[], byte[]> open) {
        try (open) {
            while (closing.getCount() > 0) {
                turn(open);
            }
            ended.complete(null);
        } catch (WakeupException e) {
            ended.complete(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended.complete(null);
        } catch (TidemarkException e) {
            ended.completeExceptionally(e);
        } catch (RuntimeException e) {
            // Nothing that is expected: what it is and where it came from is all there is to go by.
            LOG.error("{} stopped", name, e);
            ended.completeExceptionally(new TidemarkException(ErrorCode.FAILED, name + " stopped: " + e, e));
        } finally {
            release();
        }
    }

    /** Completes normally after {@link #close}, exceptionally with a {@link TidemarkException} on failure. */
    public final CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public final void close() {
        closing.countDown();
        KafkaConsumer<byte[], byte[]> polled = consumer;
        Thread running = thread;
        if (polled == null || running == null) {
            return;
        }
        polled.wakeup();
        try {
            running.join(CLOSE_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (running.isAlive()) {
            throw new TidemarkException(
                    ErrorCode.TIMEOUT, name + " did not stop within " + CLOSE_TIMEOUT.toSeconds() + " s");
        }
    }
}
