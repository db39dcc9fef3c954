package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.Slice;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Tidemark;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Freshness;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who commits, takes a token and waits for it, reads what was written, in every store. */
@Timeout(180)
class FreshReadIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int COMMITS = 60;

    @TempDir
    private Path directory;

    private Slice slice;
    private Commands commands;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "shop");
        commands = new Commands(slice);
        slice.seedShop(11, 40, 20, 200);
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    private record Place(ReadModel model, Target target) {}

    @Test
    void what_was_committed_before_a_token_is_read_after_the_wait_for_it() throws Exception {
        slice.start();
        Plan plan = slice.plan();
        StoreAccess stores = StoreAccess.ofCaptured(plan);
        List<Place> places = plan.models().stream()
                .flatMap(model -> plan.targets(model).stream().map(target -> new Place(model, target)))
                .toList();
        assertThat(places).hasSize(3);
        try (Connection connection = slice.source();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < COMMITS; i++) {
                int id = 1 + i % 7;
                statement.execute("UPDATE orders SET total = " + i + ".25 WHERE id = " + id);
                Lsn token = Tidemark.token(connection);
                // Another one each time, so that it is not always the slowest that is waited for first.
                Place place = places.get(i % places.size());
                try (DocumentReader reader = stores.reader(place.model(), place.target())) {
                    assertThat(reader.await(token, LONG)).isInstanceOf(Freshness.Fresh.class);
                    assertThat(total(reader, place.model(), id))
                            .as("commit %s in %s", i, place.target().store())
                            .isEqualTo(Json.parse(i + ".25"));
                }
            }
        }
    }

    private JsonNode total(DocumentReader reader, ReadModel model, int id) {
        boolean document = model.name().equals(slice.model("order-search"));
        RowKey key = new RowKey("{\"id\":" + id + "}");
        return reader.get(document ? model.name() : "public.orders", List.of(key))
                .get(key)
                .body()
                .get("total");
    }

    @Test
    void the_commands_say_what_is_fresh_and_what_is_not() throws Exception {
        assertThat(commands.run("wait", "0/1")).isEqualTo(2);
        assertThat(commands.err()).contains("Nothing was captured under prefix");
        slice.start();

        assertThat(commands.run("token")).as(commands.err()).isZero();
        String token = commands.out().strip();
        assertThat(commands.run("wait", token, "--timeout", "60"))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).startsWith("fresh  ").contains(": tidemark "));

        assertThat(commands.run("wait", "FFFF/0", "--timeout", "0", "--json", slice.model("order-search")))
                .isEqualTo(1);
        JsonNode stale = Json.parse(commands.out());
        assertThat(stale.get("fresh").booleanValue()).isFalse();
        assertThat(stale.get("read_models")).hasSize(2).allSatisfy(model -> assertThat(
                        model.get("behind_bytes").longValue())
                .isGreaterThan(0xFFF0_0000_0000L));

        assertThat(commands.run("wait", "now")).isEqualTo(2);
        assertThat(commands.err()).contains("'now' is no read token; 'tidemark token' prints one");
    }
}
