package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.testkit.SharedStack;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Comparisons that the file asks for. */
class ReconcileScheduleIT {

    /** A round is every store of every model, each with connections of its own. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private Slice slice;

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    private void start(String reconcile) throws Exception {
        slice = new Slice(directory, "shop", text -> text + "\nreconcile: " + reconcile + "\n");
        slice.seedShop(3, 20, 10, 60);
        slice.start();
        slice.awaitEverything();
    }

    private List<ObjectNode> runs(String store, String verdict) {
        return new RunHistory(slice.plan())
                .runs().stream()
                        .filter(run -> run.get("model").textValue().equals(slice.model("order-search")))
                        .filter(run -> run.get("store").textValue().equals(store))
                        .filter(run -> run.get("verdict").textValue().equals(verdict))
                        .toList();
    }

    private void aColumnThatCameWhileItRanIsCompared() throws Exception {
        slice.execute("ALTER TABLE orders ADD discount int");
        slice.execute("UPDATE orders SET discount = 5 WHERE id = 7");
        slice.awaitEverything();
        try (Connection warehouse = slice.warehouse();
                Statement statement = warehouse.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE public.orders SET discount = 6 WHERE id = 7"))
                    .isEqualTo(1);
            await().atMost(PATIENCE).until(() -> {
                try (ResultSet row = statement.executeQuery("SELECT discount FROM public.orders WHERE id = 7")) {
                    return row.next() && row.getInt(1) == 5;
                }
            });
        }
    }

    @Test
    void what_drifts_is_found_and_mended_without_anybody_asking() throws Exception {
        start("{every: 1s, repair: true}");
        String key = slice.target("order-search", "cache").target().text().replace("{id}", "7");
        await().atMost(PATIENCE).until(() -> !runs("cache", "no_drift").isEmpty());
        try (Jedis cache = new Jedis(URI.create(SharedStack.redis().url()))) {
            ObjectNode right = Json.parseObject(cache.get(key));
            assertThat(right.get("id").intValue()).isEqualTo(7);
            assertThat(cache.del(key)).isEqualTo(1);
            await().atMost(PATIENCE).until(() -> cache.exists(key));
            assertThat(Json.same(Json.parse(cache.get(key)), right)).isTrue();
        }
        await().atMost(PATIENCE).until(() -> !runs("cache", "drift").isEmpty());
        ObjectNode found = runs("cache", "drift").get(0);
        assertThat(found.at("/drifted/0/kind").textValue()).isEqualTo("missing");
        assertThat(found.at("/drifted/0/key/id").intValue()).isEqualTo(7);
        assertThat(found.at("/repair/mended").intValue()).isEqualTo(1);
        assertThat(found.get("generation").intValue()).isEqualTo(1);
        aColumnThatCameWhileItRanIsCompared();
    }
}
