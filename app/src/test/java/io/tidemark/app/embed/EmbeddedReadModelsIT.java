package io.tidemark.app.embed;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.shop.ShopReadModels;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Slice;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Json;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.reconciliation.Drift;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** The example of docs/embedding.md, run. */
@Timeout(240)
class EmbeddedReadModelsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Path EXAMPLE = Path.of("src", "test", "java", "com", "example", "shop", "ShopReadModels.java");

    @TempDir
    private Path directory;

    @Test
    void the_example_of_the_docs_is_the_one_that_is_run() throws Exception {
        assertThat(Files.readString(Path.of("..", "docs", "embedding.md")))
                .contains("```java\n" + Files.readString(EXAMPLE) + "```");
    }

    @Test
    void stores_hold_what_the_mapping_says_and_reconciliation_expects_just_that() throws Exception {
        try (Slice slice = new Slice(directory, "shop")) {
            slice.seedShop(5, 20, 10, 50);
            slice.execute("UPDATE orders SET status = 'paid', total = 12.50, customer_id = 1");
            slice.execute("UPDATE customers SET name = 'Ann' WHERE id = 1");
            String text = Files.readString(slice.configFile());
            Path file = directory.resolve("service.yml");
            Files.writeString(file, text.substring(0, text.indexOf("read-models:")));
            try (Pipeline capture = capture(file);
                    EmbeddedReadModels readModels = ShopReadModels.start(file, directory.resolve("service"))) {
                assertThat(capture.applied()).isEmpty();
                runs(slice, readModels);
            }
        }
    }

    /** In another process, as a service would have it. */
    private Pipeline capture(Path file) throws InterruptedException {
        Pipeline capture =
                new Pipeline(PlanReader.read(TidemarkConfig.load(file)), directory.resolve("none"), (place, at) -> {});
        capture.start(SnapshotProgress.NONE);
        return capture;
    }

    private static void runs(Slice slice, EmbeddedReadModels readModels) throws Exception {
        awaitFresh(slice, readModels);
        JsonNode card = card(5);
        assertThat(card.get("title").textValue()).isEqualTo("Order 5 of Ann");
        assertThat(card.get("total")).isEqualTo(Json.parse("12.50"));
        assertThat(card.has("customer")).isFalse();
        assertThat(card.get("lines").size()).isBetween(1, 3);
        Slice.assertNoDrift(readModels.reconcile(), 2);

        slice.execute("UPDATE customers SET name = 'Bea' WHERE id = 1");
        slice.execute("UPDATE orders SET total = -1 WHERE id = 5");
        slice.execute("UPDATE orders SET status = 'cancelled' WHERE id = 6");
        awaitFresh(slice, readModels);
        assertThat(card(7).get("title").textValue()).isEqualTo("Order 7 of Bea");
        assertThat(exists(6)).isFalse();
        assertThat(card(5).get("total")).as("as it was").isEqualTo(Json.parse("12.50"));
        assertParked(readModels);

        slice.execute("UPDATE orders SET total = 3.75 WHERE id = 5");
        awaitFresh(slice, readModels);
        readModels.retryParked("order-cards");
        Awaitility.await("what was parked is written")
                .atMost(PATIENCE)
                .until(() -> readModels.parked("order-cards").values().stream().allMatch(List::isEmpty));
        assertThat(card(5).get("total")).isEqualTo(Json.parse("3.75"));
        Slice.assertNoDrift(readModels.reconcile(), 2);
    }

    private static void assertParked(EmbeddedReadModels readModels) {
        Map<String, List<ParkedDocument>> parked = readModels.parked("order-cards");
        assertThat(parked).containsOnlyKeys("cache", "search");
        assertThat(parked.values()).allSatisfy(documents -> assertThat(documents)
                .singleElement()
                .extracting(ParkedDocument::reason)
                .asString()
                .contains("the mapping does not take it", "an order cannot cost less than nothing"));
        assertThat(readModels.reconcile())
                .hasSize(2)
                .allSatisfy(report -> assertThat(report.drift()).singleElement().satisfies(drift -> {
                    assertThat(drift.key().text()).isEqualTo("5");
                    assertThat(drift.parked()).contains("less than nothing");
                }))
                .flatMap(
                        report -> report.drift().stream().map(Drift::collection).toList())
                .containsOnly("order-cards");
    }

    private static void awaitFresh(Slice slice, EmbeddedReadModels readModels) throws Exception {
        assertThat(readModels.await(slice.token(), PATIENCE)).isTrue();
    }

    private static JsonNode card(int id) {
        try (Jedis jedis = jedis()) {
            return Json.parse(jedis.get("card:" + id));
        }
    }

    private static boolean exists(int id) {
        try (Jedis jedis = jedis()) {
            return jedis.exists("card:" + id);
        }
    }

    private static Jedis jedis() {
        return new Jedis(URI.create(SharedStack.redis().url()));
    }
}
