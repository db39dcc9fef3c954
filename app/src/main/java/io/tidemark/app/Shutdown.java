package io.tidemark.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C and SIGTERM into an interrupt of the command's thread, and gives the command time to close what it
 * opened before the process ends.
 */
final class Shutdown {

    private static final int SECONDS_TO_CLOSE = 40;

    private static volatile boolean ending;

    private final Thread command = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interruptAndWait, "tidemark-shutdown");
    private volatile boolean asked;

    private Shutdown() {}

    /** What a command does; it closes all it opens before it returns or throws. */
    @FunctionalInterface
    interface Work {
        int run() throws InterruptedException;
    }

    /** The command was asked to stop, has closed everything and said so. */
    static final class Stopped extends RuntimeException {

        /** What a shell reports of a process that ended by Ctrl-C. */
        static final int EXIT_CODE = 130;

        private Stopped(Throwable cause) {
            super(cause);
        }
    }

    /**
     * Does the work, interrupted when the process is asked to stop.
     *
     * @param stopped says that it was stopped, when everything is closed; whatever the interrupt made the work throw
     *     is no failure to report
     * @throws Stopped when the process is ending
     */
    static int guard(Work work, Runnable stopped) {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(shutdown.hook);
        try {
            return work.run();
        } catch (InterruptedException e) {
            shutdown.sayIfAsked(stopped);
            throw new Stopped(e);
        } catch (RuntimeException e) {
            shutdown.sayIfAsked(stopped);
            throw shutdown.asked ? new Stopped(e) : e;
        } finally {
            shutdown.done();
        }
    }

    /**
     * Ends the process with this code, unless a signal is ending it: the shell then gets the signal's code. A second
     * {@code System.exit} would race with the first, and JDK 17 lets it win after the hooks have run.
     */
    static void exit(int code) {
        if (!ending) {
            System.exit(code);
        }
    }

    private void sayIfAsked(Runnable stopped) {
        if (asked) {
            stopped.run();
        }
    }

    private void interruptAndWait() {
        ending = true;
        asked = true;
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
