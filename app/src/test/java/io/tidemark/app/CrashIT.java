package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.app.run.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark run} as a process of its own, killed while it works and while others read. */
class CrashIT {

    private static final long SEED = Long.getLong("tidemark.crash.seed", System.nanoTime());
    private static final int KILLS = Integer.getInteger("tidemark.crash.kills", 3);

    /**
     * Transactions of the traffic per second. More than two cores follow makes readers wait for what was behind before,
     * and look less often.
     */
    private static final int RATE = Integer.getInteger("tidemark.crash.rate", 20);

    /** A mirror that has to have every version once, whenever it is killed. */
    private static final String HISTORY = """
              past:
                mirror: [public.orders, public.order_lines]
                history: true
                to: {dw: past}
            """;

    /** Before a kill that is not to come while everything starts. */
    private static final int READS = Integer.getInteger("tidemark.crash.reads", 15);

    @TempDir
    private Path directory;

    private final List<MainProcess> processes = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (MainProcess process : processes) {
            process.kill();
        }
    }

    @Test
    void killed_again_and_again_under_traffic_it_loses_nothing_tears_nothing_and_is_never_fresh_too_early()
            throws Exception {
        System.out.println("seed " + SEED);
        SplittableRandom random = new SplittableRandom(SEED);
        try (Slice slice = new Slice(directory, "shop", text -> text + HISTORY);
                Connection source = slice.source()) {
            slice.seedShop(SEED, 50, 20, 200);
            SourceVersions.note(source);
            ShopTraffic traffic = new ShopTraffic(slice::source);
            CompletableFuture<ShopTraffic.Outcome> running = CompletableFuture.supplyAsync(
                    () -> traffic.run(new ShopTraffic.Plan(SEED, Integer.MAX_VALUE, RATE, 2), commit -> {}));
            MainProcess process = run(slice);
            process.awaitSaying("running:");
            SourceVersions versions = SourceVersions.from(source);
            try (Readers readers = Readers.start(slice, SEED)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    if (kill % 3 == 1) {
                        readers.awaitMore(READS);
                    }
                    process.runFor(random.nextInt(500, 5000));
                    process.requireAlive();
                    process.kill();
                    process = run(slice);
                    process.awaitSaying("running:");
                }
                readers.awaitMore(READS);
                readers.finish();
            }
            traffic.stop();
            assertThat(running.get().total()).isPositive();

            Commands commands = new Commands(slice);
            assertThat(commands.run("reconcile", "--all", "--timeout", "90"))
                    .as("seed %s: %s\nthe last run said: %s", SEED, commands, process.said())
                    .isZero();
            try (Connection warehouse = slice.warehouse()) {
                versions.requireSame(source, warehouse, "past");
            }
            process.askToStop();
            assertThat(process.awaitEnd()).as(process.said()).isEqualTo(143);
        }
    }

    private MainProcess run(Slice slice) throws IOException {
        MainProcess process = MainProcess.start(
                directory,
                "run",
                "-v",
                "-c",
                slice.configFile().toString(),
                "--state",
                directory.resolve("state").toString());
        processes.add(process);
        return process;
    }
}
