package io.tidemark.localstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The file {@code postmaster.pid} that a PostgreSQL server leaves when it is killed.
 * PostgreSQL sees itself that the process is gone, unless its number is another's by now: then it refuses to start.
 */
final class PostmasterLock {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private final Path file;

    PostmasterLock(Path data) {
        this.file = data.resolve("postmaster.pid");
    }

    /** Waits for a server that is just ending, and removes a lock whose number belongs to another program. */
    void clear() throws IOException {
        Optional<ProcessHandle> holder = holder();
        if (holder.isEmpty()) {
            return;
        }
        Optional<String> program = holder.get().info().command();
        boolean ended = Patience.of(BOUND).until(() -> !holder.get().isAlive() || isOther(program));
        if (ended && holder.get().isAlive()) {
            Files.deleteIfExists(file);
        }
    }

    private static boolean isOther(Optional<String> program) {
        return program.isPresent() && !program.get().endsWith("postgres");
    }

    private Optional<ProcessHandle> holder() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Optional<String> pid = Files.readAllLines(file).stream().findFirst().map(String::strip);
        return pid.filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .flatMap(ProcessHandle::of);
    }
}
