package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.capture.CaptureProof;
import io.tidemark.model.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark recover} as a process of its own, killed while it works. The judge is the source's own SQL. */
@Timeout(180)
class RecoverIT {

    private static final long SEED = Long.getLong("tidemark.crash.seed", System.nanoTime());
    private static final int KILLS = Integer.getInteger("tidemark.crash.kills", 3);

    @TempDir
    private Path directory;

    private final List<MainProcess> processes = new ArrayList<>();
    private MirroredShop shop;
    private Commands commands;

    @BeforeEach
    void seed() throws Exception {
        shop = new MirroredShop(directory, 30_000);
        commands = new Commands(shop.configFile());
    }

    @AfterEach
    void close() throws Exception {
        for (MainProcess process : processes) {
            process.kill();
        }
        shop.close();
    }

    @Test
    void killed_again_and_again_it_ends_right_and_read_models_catch_up_by_themselves() throws Exception {
        System.out.println("seed " + SEED);
        SplittableRandom random = new SplittableRandom(SEED);
        shop.run();
        shop.stop();

        try (var traffic = shop.new Traffic(SEED)) {
            traffic.awaitMore(50);
            shop.execute("SELECT pg_drop_replication_slot('" + shop.slot() + "')");
            shop.execute("UPDATE customers SET name = 'lost', email = 'lost' WHERE id % 50 = 0");
            shop.execute("DELETE FROM customers WHERE id % 51 = 0");
            shop.execute("UPDATE customers SET phone = 'lost' WHERE id % 52 = 0");
            assertThat(commands.run("capture")).as(commands.toString()).isEqualTo(4);
            assertThat(commands.err())
                    .contains("is gone, but its topics are not")
                    .contains("'tidemark recover'");
            assertThat(commands.run("reconcile", "topics", "public.carts")).isEqualTo(2);
            assertThat(commands.out()).contains("could not tell").contains("'tidemark recover --dry-run'");
            assertThat(commands.run("recover", "--dry-run", "--json"))
                    .as(commands.toString())
                    .isZero();
            JsonNode found = Json.parse(commands.out());
            assertThat(found.get("lost").textValue()).isEqualTo("slot-gone");
            assertThat(found.at("/tables").findValues("different"))
                    .anySatisfy(count -> assertThat(count.intValue()).isGreaterThan(400));

            for (int kill = 0; kill < KILLS; kill++) {
                MainProcess recover = start("recover");
                recover.runFor(random.nextInt(1000, 4000));
                recover.kill();
                awaitSlotFree();
            }
            MainProcess last = start("recover");
            assertThat(last.awaitEnd()).as("seed %s: %s", SEED, last.said()).isZero();
            awaitSlotFree();
        }
        shop.run();

        assertThat(commands.run("reconcile", "topics", "--timeout", "90"))
                .as("seed %s: %s", SEED, commands)
                .isZero();
        assertThat(commands.run("reconcile", "--all", "--timeout", "90"))
                .as("seed %s: %s", SEED, commands)
                .isZero();
        for (String table : List.of(
                "SELECT to_jsonb(t) - '_tidemark' - '_tidemark_order' FROM orders t",
                "SELECT to_jsonb(t) - '_tidemark' - '_tidemark_order' FROM carts t",
                "SELECT id || ' ' || name FROM customers")) {
            assertThat(shop.inWarehouse(table)).containsExactlyInAnyOrderElementsOf(shop.inSource(table));
        }
        CaptureProof proof = CaptureProof.of(shop.plan().capture());
        assertThat(proof.whole()).as(proof.text()).isTrue();
        assertThat(commands.run("status")).as(commands.err()).isZero();
        assertThat(commands.out()).contains("changes were lost, and mended with tidemark ");
        assertThat(commands.run("recover")).isEqualTo(2);
        assertThat(commands.err()).contains("A capture reads slot");
    }

    /** The server notices some time after a kill that nobody reads. */
    private void awaitSlotFree() {
        Awaitility.await("nobody reads the slot").until(() -> shop.inSource(
                        "SELECT slot_name FROM pg_replication_slots WHERE active AND slot_name = '" + shop.slot() + "'")
                .isEmpty());
    }

    private MainProcess start(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-c", shop.configFile().toString()));
        MainProcess started = MainProcess.start(directory, all.toArray(String[]::new));
        processes.add(started);
        return started;
    }
}
