package io.tidemark.localstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Where and how one server runs.
 *
 * @param name of its directory and its log, such as {@code kafka-1}
 * @param stackDirectory the stack's directory
 * @param settings the plan's settings for it
 * @param patience how long it may take until it answers
 */
record Site(
        ServerKind kind,
        String name,
        Path stackDirectory,
        Account account,
        Map<String, String> settings,
        boolean durable,
        Duration patience) {

    /** The server's own directory. */
    Path directory() {
        return stackDirectory.resolve(name);
    }

    Path log() {
        return stackDirectory.resolve(name + ".log");
    }
}
