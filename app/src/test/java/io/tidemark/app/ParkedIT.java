package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.run.Slice;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.Report;
import io.tidemark.testkit.SharedStack;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** A document that a store refuses: parked, told of, tried again, and written in the end. */
@Timeout(180)
class ParkedIT {

    private static final RowKey KEY = new RowKey("{\"id\":5}");

    @TempDir
    private Path directory;

    private Slice slice;
    private Commands commands;
    private String model;

    @BeforeEach
    void start() throws Exception {
        slice = new Slice(directory, "shop");
        commands = new Commands(slice);
        model = slice.model("order-search");
        slice.seedShop(17, 20, 10, 50);
        slice.start();
        slice.awaitEverything();
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void a_refused_document_is_parked_until_the_store_takes_it_and_all_else_goes_on() throws Exception {
        assertThat(commands.run("parked", "list")).as(commands.err()).isZero();
        assertThat(commands.out()).isEqualTo("nothing is parked\n");
        assertThat(commands.run("parked", "retry", model)).isEqualTo(2);
        assertThat(commands.err()).contains("Nothing is parked of " + model);

        String key = slice.target("order-search", "cache").target().text().replace("{id}", "5");
        redis(jedis -> {
            jedis.del(key);
            jedis.lpush(key, "somebody else's");
        });
        setTotal(5, "1.25");
        setTotal(6, "2.25");
        slice.awaitEverything();
        setTotal(5, "3.25");
        slice.awaitEverything();

        assertThat(commands.run("parked", "list")).isZero();
        assertThat(commands.out())
                .startsWith(model + " in cache {\"id\":5} at position ")
                .contains("refused 1 times: ")
                .hasLineCount(1);
        assertThat(commands.run("parked", "show", model, "5", "--json")).isZero();
        assertThat(Json.parse(commands.out()).at("/document/total")).isEqualTo(Json.parse("3.25"));
        assertThat(commands.run("status")).as(commands.err()).isZero();
        assertThat(commands.out()).contains(", 1 parked ('tidemark parked' lists them)");
        assertThat(total("search", KEY)).isEqualTo(Json.parse("3.25"));
        assertThat(total("cache", new RowKey("{\"id\":6}"))).isEqualTo(Json.parse("2.25"));
        assertDriftIsParked();

        assertThat(commands.run("parked", "retry", model, "{\"id\":5}")).isEqualTo(1);
        assertThat(commands.err()).contains("cache refuses {\"id\":5} again: ");
        redis(jedis -> jedis.del(key));
        assertThat(commands.run("parked", "retry", model)).as(commands.err()).isZero();
        assertThat(commands.out()).isEqualTo("1 written\n");
        assertThat(total("cache", KEY)).isEqualTo(Json.parse("3.25"));
        assertThat(slice.reconcile()).allMatch(report -> report.drift().isEmpty());
    }

    private void assertDriftIsParked() {
        for (Report report : slice.reconcile()) {
            if (report.store().equals("cache")) {
                assertThat(report.drift()).singleElement().satisfies(drift -> {
                    assertThat(drift.key()).isEqualTo(KEY);
                    assertThat(drift.parked()).isNotEmpty();
                });
            } else {
                assertThat(report.drift()).extracting(Drift::key).isEmpty();
            }
        }
    }

    private JsonNode total(String store, RowKey key) {
        return slice.document("order-search", store, key).orElseThrow().get("total");
    }

    private void setTotal(int order, String total) throws Exception {
        slice.execute("UPDATE orders SET total = " + total + " WHERE id = " + order);
    }

    private static void redis(java.util.function.Consumer<Jedis> work) {
        try (Jedis jedis = new Jedis(SharedStack.redis().url())) {
            work.accept(jedis);
        }
    }
}
