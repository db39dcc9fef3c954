package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.demo.ShopSeeder;
import io.tidemark.app.demo.ShopSize;
import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.app.run.Slice;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark run} as a process of its own, killed while it works. */
class CrashIT {

    private static final long SEED = Long.getLong("tidemark.crash.seed", System.nanoTime());
    private static final int KILLS = Integer.getInteger("tidemark.crash.kills", 3);

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void killed_again_and_again_under_traffic_it_loses_nothing_and_duplicates_nothing() throws Exception {
        System.out.println("seed " + SEED);
        SplittableRandom random = new SplittableRandom(SEED);
        try (Slice slice = new Slice(directory, "shop")) {
            try (Connection connection = slice.source()) {
                ShopSchema.create(connection);
                new ShopSeeder(SEED, new ShopSize(50, 20, 200)).run(connection);
            }
            ShopTraffic traffic = new ShopTraffic(slice::source);
            CompletableFuture<ShopTraffic.Outcome> running = CompletableFuture.supplyAsync(
                    () -> traffic.run(new ShopTraffic.Plan(SEED, Integer.MAX_VALUE, 60, 2), commit -> {}));
            for (int kill = 0; kill < KILLS; kill++) {
                Process process = run(slice);
                awaitRunning(process, kill);
                process.waitFor(random.nextInt(500, 5000), TimeUnit.MILLISECONDS);
                assertThat(process.isAlive())
                        .as("process %s before it is killed: %s", kill, output(kill))
                        .isTrue();
                process.destroyForcibly().waitFor();
            }
            Process last = run(slice);
            awaitRunning(last, KILLS);
            assertThat(last.isAlive()).as("the last run: %s", output(KILLS)).isTrue();
            traffic.stop();
            assertThat(running.get().total()).isPositive();

            StringWriter out = new StringWriter();
            int exitCode = Main.run(
                    new PrintWriter(out),
                    new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8),
                    "reconcile",
                    "--all",
                    "--timeout",
                    "90",
                    "-c",
                    slice.configFile().toString());

            assertThat(exitCode)
                    .as("seed %s: %s\nthe last run said: %s", SEED, out, output(KILLS))
                    .isZero();
            last.destroy();
            assertThat(last.waitFor(40, TimeUnit.SECONDS))
                    .as("stops when asked")
                    .isTrue();
        }
    }

    private Process run(Slice slice) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dtidemark.log.file=" + directory.resolve("run.log"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "-v",
                "-c",
                slice.configFile().toString(),
                "--state",
                directory.resolve("state").toString());
        builder.redirectErrorStream(true)
                .redirectOutput(outputFile(processes.size()).toFile());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private Path outputFile(int number) {
        return directory.resolve("run-" + number + ".txt");
    }

    private String output(int number) throws IOException {
        return Files.readString(outputFile(number));
    }

    private void awaitRunning(Process process, int number) {
        assertThat(SharedStack.kafka().isAlive()).isTrue();
        Awaitility.await("run " + number + " is up")
                .atMost(Duration.ofSeconds(90))
                .until(() -> output(number).contains("running:") || !process.isAlive());
    }
}
