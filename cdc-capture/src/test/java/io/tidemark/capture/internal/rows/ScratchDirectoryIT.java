package io.tidemark.capture.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScratchDirectoryIT {

    @TempDir
    private Path temporary;

    /** A process that has one, until it is killed. */
    public static final class Holder {

        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            ScratchDirectory scratch = ScratchDirectory.make();
            Files.writeString(scratch.path().resolve("rows"), "rows");
            System.out.println(scratch.path());
            int unused = System.in.read();
        }
    }

    @Test
    void what_another_process_uses_stays_until_that_was_killed() throws Exception {
        Process holder = holder();
        try (BufferedReader said = holder.inputReader(StandardCharsets.UTF_8)) {
            Path others = Path.of(said.readLine());
            // In another container it is a number that nobody has here, or somebody else.
            Path nobodys = Files.createDirectory(temporary.resolve("tidemark-rows-99999999999999999999-1"));
            try (ScratchDirectory scratch = ScratchDirectory.make(temporary)) {
                assertThat(scratch.path()).isNotEqualTo(others);
                assertThat(others.resolve("rows")).exists();
            }
            holder.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
            try (ScratchDirectory scratch = ScratchDirectory.make(temporary)) {
                assertThat(scratch.path()).exists();
                assertThat(others).doesNotExist();
                assertThat(nobodys).exists();
            }
            assertThat(temporary).isDirectoryContaining(nobodys::equals);
            try (var left = Files.list(temporary)) {
                assertThat(left).containsExactly(nobodys);
            }
        } finally {
            holder.destroyForcibly();
        }
    }

    /** It is made in the same place by its name of a process, too: as another container that shares the directory does. */
    private Process holder() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void two_of_one_process_leave_each_other_alone() throws Exception {
        try (ScratchDirectory one = ScratchDirectory.make(temporary)) {
            Files.writeString(one.path().resolve("rows"), "rows");
            try (ScratchDirectory two = ScratchDirectory.make(temporary)) {
                assertThat(two.path()).isNotEqualTo(one.path());
                assertThat(one.path().resolve("rows")).exists();
            }
            Process other = holder();
            try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
                assertThat(said.readLine()).isNotBlank();
                assertThat(one.path().resolve("rows")).exists();
            } finally {
                other.destroyForcibly();
            }
        }
    }
}
