package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The {@code tidemark} command, or a part of it, as a process of its own, which a test may kill. */
public final class MainProcess {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Path output;

    private MainProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts it.
     *
     * @param directory for what it prints and logs
     */
    public static MainProcess start(Path directory, String... arguments) throws IOException {
        return start(directory, Main.class, arguments);
    }

    /** Starts another main class with the same class path. */
    public static MainProcess start(Path directory, Class<?> main, String... arguments) throws IOException {
        Path output = Files.createTempFile(directory, "tidemark-", ".txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dtidemark.servers=" + System.getProperty("tidemark.servers"),
                "-Dtidemark.log.file=" + output + ".log",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new MainProcess(process, output);
    }

    /** Everything it has printed. */
    public String said() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public void requireAlive() {
        assertThat(process.isAlive()).as(said()).isTrue();
    }

    public void awaitSaying(String words) {
        awaitSayingOrEnd(words);
        assertThat(said()).contains(words);
    }

    public void awaitSayingOrEnd(String words) {
        Awaitility.await(words).atMost(PATIENCE).until(() -> said().contains(words) || !process.isAlive());
    }

    /** Lets it run for a while; returns earlier when it ends by itself. */
    public void runFor(int millis) throws InterruptedException {
        process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Its exit code, once it has ended by itself. */
    public int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("it ends: %s", said())
                .isTrue();
        return process.exitValue();
    }

    /** As Ctrl-C and {@code kill} do. */
    public void askToStop() {
        process.destroy();
    }

    /** {@code kill -9}. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public void pause() throws Exception {
        signal("STOP");
    }

    public void resume() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
