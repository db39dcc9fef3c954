package io.tidemark.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackDirectoryIT {

    @Test
    void another_jvm_leaves_our_stack_alone_even_after_a_second_one_of_ours(@TempDir Path temporary) throws Exception {
        try (StackDirectory ours = StackDirectory.open(Optional.of(temporary.resolve("tidemark-stack-ours")))) {
            age(ours.path());
            openInThisJvmAgain(ours.path());
            openTemporaryInAnotherJvm(temporary);
            assertThat(ours.path()).exists();
        }
    }

    @Test
    void what_a_killed_jvm_left_is_swept_by_the_next(@TempDir Path temporary) throws Exception {
        Path left = Files.createDirectory(temporary.resolve("tidemark-stack-left"));
        Path young = Files.createDirectory(temporary.resolve("tidemark-stack-young"));
        Files.createFile(left.resolve(".lock"));
        age(left);
        openTemporaryInAnotherJvm(temporary);
        assertThat(left).doesNotExist();
        assertThat(young).exists();
    }

    /** Opens and closes a temporary stack's directory, which sweeps first. */
    static final class Opener {

        private Opener() {}

        public static void main(String[] arguments) {
            StackDirectory.open(Optional.empty()).close();
        }
    }

    private static void openInThisJvmAgain(Path path) {
        assertThat(catchThrowable(() -> StackDirectory.open(Optional.of(path)))).hasMessageContaining("in use");
        age(path);
    }

    private static void openTemporaryInAnotherJvm(Path temporary) throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName())
                .inheritIO()
                .start();
        assertThat(other.waitFor()).isZero();
    }

    private static void age(Path path) {
        try {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofMinutes(5))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
