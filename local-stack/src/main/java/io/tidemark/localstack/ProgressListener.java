package io.tidemark.localstack;

import java.time.Duration;

/** Told how the start of a stack goes. Servers start in parallel: calls come from several threads. */
@FunctionalInterface
public interface ProgressListener {

    /** Where a server is on its way up. */
    enum Step {
        STARTING,
        READY
    }

    /** {@code server} reached {@code step}, {@code elapsed} after the start of the stack. */
    void progress(ServerKind server, Step step, Duration elapsed);

    /** Listens to nothing. */
    static ProgressListener silent() {
        return (server, step, elapsed) -> {};
    }
}
