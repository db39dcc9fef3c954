package io.tidemark.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into an interrupt of the command's thread, and gives the command time to close what it
 * opened before the process ends.
 */
final class Shutdown {

    private static final int SECONDS_TO_CLOSE = 40;

    private final Thread command = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interruptAndWait, "tidemark-shutdown");

    private Shutdown() {}

    /** What a command does; it closes all it opens before it returns or throws. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws InterruptedException;
    }

    /**
     * Does the work, interrupted when the process is asked to stop.
     *
     * @throws InterruptedException what the work threw for it
     */
    static <T> T guard(Work<T> work) throws InterruptedException {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(shutdown.hook);
        try {
            return work.run();
        } finally {
            shutdown.done();
        }
    }

    private void interruptAndWait() {
        command.interrupt();
        try {
            if (!closed.await(SECONDS_TO_CLOSE, TimeUnit.SECONDS)) {
                System.err.println("tidemark: not everything closed within " + SECONDS_TO_CLOSE + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void done() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook is what waits for us.
        }
    }
}
