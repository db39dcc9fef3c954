package io.tidemark.app.run;

/** Interrupts of a thread that is closing what it opened. */
public final class Interrupts {

    private Interrupts() {}

    /** Does work whose waits a past interrupt must not cut short, then restores the interrupt. */
    public static void holdBack(Runnable closing) {
        boolean interrupted = Thread.interrupted();
        try {
            closing.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
