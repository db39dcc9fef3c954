package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;

/** A file system of a few megabytes in memory, that can be filled and emptied again. */
final class SmallDisk implements AutoCloseable {

    private static final int CAP_SYS_ADMIN = 21;

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Mounts one. Who may not mount skips the test, and says so; who may and cannot fails it. */
    static SmallDisk mount(Path directory, int megabytes) throws Exception {
        Assumptions.assumeTrue(
                mayMount(), "Skipped: a full disk needs the right to mount a tmpfs (Linux, root with CAP_SYS_ADMIN)");
        Files.createDirectories(directory);
        assertThat(run("mount", "-t", "tmpfs", "-o", "mode=777,size=" + megabytes + "m", "tmpfs", directory.toString()))
                .as("mount")
                .isZero();
        return new SmallDisk(directory);
    }

    private static boolean mayMount() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("CapEff:"))
                        .anyMatch(line -> (Long.parseUnsignedLong(
                                                        line.substring("CapEff:".length())
                                                                .strip(),
                                                        16)
                                                >> CAP_SYS_ADMIN
                                        & 1)
                                == 1);
    }

    /** A directory on it that everybody may write to. */
    Path make(String name) throws IOException {
        Path made = Files.createDirectories(directory.resolve(name));
        return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    /** Leaves not a byte. */
    void fill() {
        try (OutputStream filler = Files.newOutputStream(filler())) {
            byte[] page = new byte[4096];
            while (true) {
                filler.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    void makeRoom() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return directory.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        assertThat(run("umount", directory.toString())).as("umount").isZero();
    }

    private static int run(String... command) throws IOException {
        return new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
    }
}
