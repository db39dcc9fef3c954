package io.tidemark.app;

import java.io.PrintWriter;
import java.util.Locale;

/** Progress for people, on stderr: one line each, with the seconds since the start. */
final class ProgressLines {

    private static final long BETWEEN_TICKS_NANOS = 2_000_000_000L;

    private final PrintWriter out;
    private final long started = System.nanoTime();
    private long lastTick = started;

    ProgressLines(PrintWriter out) {
        this.out = out;
    }

    synchronized void say(String text) {
        lastTick = System.nanoTime();
        out.println(String.format(Locale.ROOT, "[%6.1f s] %s", seconds(), text));
        out.flush();
    }

    /** Says something that is superseded soon; at most every other second. */
    synchronized void tick(String text) {
        if (System.nanoTime() - lastTick > BETWEEN_TICKS_NANOS) {
            say(text);
        }
    }

    double seconds() {
        return (System.nanoTime() - started) / 1e9;
    }
}
