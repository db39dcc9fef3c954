package io.tidemark.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A process under measure. What it logs is kept beside the servers' logs until they go. */
final class Worker implements AutoCloseable {

    /** Heap of every JVM under measure, unless a scenario is about heap. */
    static final int HEAP_MB = 1024;

    private static final Duration LONGEST = Duration.ofHours(2);
    private static final long LOOK_EVERY_MS = 50;
    private static final long LOOK_CLOSELY_EVERY_MS = 5;

    private final String name;
    private final Path log;
    private final Process process;
    private final long startNanos = System.nanoTime();
    private final Thread killer = new Thread(this::kill, "kill what is measured");
    private double cpuSeconds;
    private double endedSeconds;

    private Worker(String name, Path log, ProcessBuilder builder) throws IOException {
        this.name = name;
        this.log = log;
        this.process = builder.start();
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /** A fresh JVM with this class path; its stdout is for {@link #awaitSaying}. */
    static Worker jvm(Testbed testbed, int heapMb, Class<?> main, List<String> arguments) throws IOException {
        return jvm(testbed, heapMb, List.of(), main, arguments);
    }

    /** The same with more options of the JVM. */
    static Worker jvm(Testbed testbed, int heapMb, List<String> options, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms" + heapMb + "m",
                "-Xmx" + heapMb + "m",
                "-Dtidemark.benchmarks.log=" + System.getProperty("tidemark.benchmarks.log", "WARN"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(1, options);
        command.addAll(arguments);
        Path log = Files.createTempFile(testbed.directory(), main.getSimpleName() + "-", ".log");
        return new Worker(main.getSimpleName(), log, builder(testbed, command).redirectError(log.toFile()));
    }

    /** Any program; all it prints goes to its log. */
    static Worker program(Testbed testbed, String name, List<String> command, Map<String, String> environment)
            throws IOException {
        Path log = Files.createTempFile(testbed.directory(), name + "-", ".log");
        ProcessBuilder builder =
                builder(testbed, command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        return new Worker(name, log, builder);
    }

    private static ProcessBuilder builder(Testbed testbed, List<String> command) {
        return new ProcessBuilder(command).directory(testbed.directory().toFile());
    }

    /** What it says next in a line of JSON with that field; throws when it ends without. */
    JsonNode awaitSaying(String field) throws IOException {
        BufferedReader lines = process.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("{\"" + field + "\"")) {
                return Json.parse(line);
            }
        }
        throw failure("ended");
    }

    /** Asks it to end, as those of this module understand it. */
    void askToEnd() throws IOException {
        Objects.requireNonNull(process.getOutputStream()).close();
    }

    /** Waits for something the process does; throws when it ends before, or takes for ever. */
    void await(BooleanSupplier done) throws InterruptedException {
        while (!done.getAsBoolean()) {
            if (process.waitFor(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                throw failure("ended");
            }
            requireInTime();
        }
    }

    /** Throws when its log has these words: it will not do what is waited for. */
    void requireNotLogged(String words) {
        try {
            if (Files.readString(log).contains(words)) {
                throw failure("failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it ends by itself with exit code 0, see {@link #awaitEnd(int)}. */
    double awaitEnd() throws InterruptedException {
        return awaitEnd(0);
    }

    /**
     * Waits until it ends by itself with this exit code, looking at its CPU time until then.
     *
     * @return seconds from its start until it first wrote anything, where the kernel tells
     */
    double awaitEnd(int exitCode) throws InterruptedException {
        double silentSeconds = 0;
        while (!process.waitFor(LOOK_CLOSELY_EVERY_MS, TimeUnit.MILLISECONDS)) {
            cpuSeconds = Math.max(cpuSeconds, cpuOfAll());
            silentSeconds = silentSeconds == 0 && written() > 0 ? seconds() : silentSeconds;
            requireInTime();
        }
        endedSeconds = seconds();
        if (process.exitValue() != exitCode) {
            throw failure("ended with " + process.exitValue());
        }
        return silentSeconds;
    }

    /** Bytes it wrote, to whatever. */
    private long written() {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid()), "io"))) {
            return lines.filter(line -> line.startsWith("wchar: "))
                    .mapToLong(line -> Long.parseLong(line.substring("wchar: ".length())))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Since it was started; until its end when that was waited for. */
    double seconds() {
        return endedSeconds > 0 ? endedSeconds : (System.nanoTime() - startNanos) / 1e9;
    }

    /** Used so far by it and its children. */
    double cpuSeconds() {
        return Math.max(cpuSeconds, cpuOfAll());
    }

    long pid() {
        return process.pid();
    }

    private double cpuOfAll() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                        .map(each -> each.info().totalCpuDuration().orElse(Duration.ZERO))
                        .mapToLong(Duration::toMillis)
                        .sum()
                / 1e3;
    }

    private void requireInTime() {
        if (seconds() > LONGEST.toSeconds()) {
            throw failure("did not get there within " + LONGEST.toMinutes() + " minutes");
        }
    }

    private IllegalStateException failure(String what) {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            String tail = String.join("\n", all.subList(Math.max(0, all.size() - 15), all.size()));
            return new IllegalStateException(name + " " + what + ". The end of what it said:\n" + tail);
        } catch (IOException e) {
            return new IllegalStateException(name + " " + what + ", and its log cannot be read", e);
        }
    }

    /** Asks it to end as a service manager does, and waits. */
    void end() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw failure("did not end when it was asked to");
        }
    }

    /** Asks one of this module to end, and waits. */
    void finish() throws IOException, InterruptedException {
        askToEnd();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            throw failure("did not end when it was asked to");
        }
    }

    /** {@code kill -9}, children first. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }

    /** Ends it: its stdin first, which those of this module take as a request to end. */
    @Override
    public void close() {
        try {
            askToEnd();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (IOException e) {
            kill();
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
        forget();
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // This JVM is ending: the killer is at work.
        }
    }
}
