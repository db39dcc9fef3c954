package io.tidemark.stores.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.testkit.SharedStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An alias that goes from one generation's index to another's. */
class ElasticsearchServedIT {

    private static final AtomicInteger ALIASES = new AtomicInteger();

    private final ElasticsearchSettings settings =
            ElasticsearchSettings.of(SharedStack.elasticsearch().url());
    private final String alias = "served" + ALIASES.incrementAndGet();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private ElasticsearchServer server;

    @BeforeEach
    void open() {
        server = closing(new ElasticsearchServer(settings));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    @Test
    void searches_find_the_one_generation_or_the_other_and_a_dropped_one_leaves_nothing() {
        write(1, 1);
        write(2, 2);
        assertThat(found()).containsExactly("1");

        serve(2);
        assertThat(found()).containsExactly("2");
        assertThat(isServed(1)).isFalse();
        assertThat(isServed(2)).isTrue();
        drop(1);
        assertThat(exists(1)).isFalse();
        assertThat(found()).containsExactly("2");
    }

    @Test
    void an_alias_that_two_moves_left_on_two_indexes_is_on_one_again() {
        write(1, 1);
        write(2, 2);
        write(3, 3);
        server.orFail("PUT", "/" + alias + "-2/_alias/" + alias, null);
        assertThat(found()).containsExactly("1", "2");
        assertThat(isServed(1)).isFalse();
        serve(3);
        assertThat(found()).containsExactly("3");
    }

    @Test
    void an_alias_on_somebody_elses_index_stays_there() {
        server.orFail(
                "PUT", "/" + alias + "_v7/_doc/7?refresh=true", Json.object().put("id", 7));
        server.orFail("PUT", "/" + alias + "_v7/_alias/" + alias, null);
        write(1, 1);
        assertThat(isServed(1)).isFalse();
        assertNotServed(1);
        assertThat(found()).containsExactly("7");

        server.orFail("PUT", "/" + alias + "-1/_alias/" + alias, null);
        write(2, 2);
        assertThat(isServed(1)).as("what else it is on is their affair").isTrue();
        serve(1);
        assertNotServed(2);
        assertThat(found()).containsExactly("1", "7");
        server.orFail("DELETE", "/" + alias + "_v7/_alias/" + alias, null);
        serve(2);
        assertThat(found()).containsExactly("2");
    }

    @Test
    void an_alias_on_another_models_index_stays_there_and_one_of_an_earlier_build_goes_over() {
        server.orFail("PUT", "/" + alias + "-1", null);
        server.orFail("PUT", "/" + alias + "-1/_alias/" + alias, null);
        write(2, 2);
        serve(2);
        assertThat(found()).containsExactly("2");

        drop(1);
        server.orFail("DELETE", "/" + alias + "-1", null);
        Generation other = new Generation("other", 1, "lineage");
        write(other, 1);
        try (ElasticsearchServed served = new ElasticsearchServed(settings, alias, other)) {
            assertThatThrownBy(() -> served.serve(1)).hasMessageContaining("is no generation of other");
        }
        assertThat(found()).containsExactly("2");
    }

    @Test
    void a_drop_that_was_interrupted_is_finished_by_the_next_one() {
        write(1, 1);
        // As an earlier build left it, which only claims tell from somebody else's.
        server.orFail("PUT", "/" + alias + "-1/_mapping", Json.parseObject("{\"_meta\": {}}"));
        readOnly(true);
        assertThatThrownBy(() -> drop(1)).hasMessageContaining("read-only");
        readOnly(false);
        drop(1);
        assertThat(exists(1)).isFalse();
        assertThat(remembered(1)).isEmpty();
    }

    @Test
    void claims_of_an_index_that_is_gone_are_forgotten_with_their_generation() {
        write(12, 1);
        write(1, 1);
        server.orFail("DELETE", "/" + alias + "-1", null);
        drop(1);
        assertThat(remembered(1)).isEmpty();
        assertThat(remembered(12)).as("another one's").isNotEmpty();
    }

    private void readOnly(boolean is) {
        server.orFail("PUT", "/" + alias + "-1/_settings", Json.object().put("index.blocks.read_only", is));
    }

    /** Ids of what is remembered of a generation. */
    private List<String> remembered(int number) {
        server.orFail("POST", "/tidemark-applied/_refresh", null);
        List<String> ids = new ArrayList<>();
        server.orFail("GET", "/tidemark-applied/_search?size=1000", null)
                .json()
                .at("/hits/hits")
                .forEach(hit -> ids.add(hit.get("_id").asText()));
        return ids.stream()
                .filter(id -> (id + "/").startsWith("orders@" + number + "/"))
                .toList();
    }

    private void assertNotServed(int number) {
        assertThatThrownBy(() -> serve(number))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
                .hasMessageContaining(alias + "_v7, which is no generation of orders, and stays there");
    }

    @Test
    void an_index_that_is_not_the_generations_is_neither_written_nor_deleted() {
        write(1, 1);
        server.orFail("PUT", "/" + alias + "-2", null);
        assertThatThrownBy(() -> write(2, 2)).hasMessageContaining("somebody else's");
        drop(2);
        assertThat(exists(2)).isTrue();

        Generation other = new Generation("other", 1, "lineage");
        assertThatThrownBy(() -> write(other, 1)).hasMessageContaining("orders@1's");
        try (ElasticsearchServed served = new ElasticsearchServed(settings, alias, other)) {
            served.drop();
        }
        assertThat(found()).containsExactly("1");
    }

    private static Generation generation(int number) {
        return new Generation("orders", number, "lineage");
    }

    private void write(int number, long id) {
        write(generation(number), id);
    }

    private void write(Generation generation, long id) {
        ElasticsearchWriter writer = closing(new ElasticsearchWriter(
                settings, alias, generation, 1, Map.of(), IndexAdditions.none(), () -> generation.number() == 1));
        writer.open();
        RowKey key = new RowKey("{\"id\":" + id + "}");
        assertThat(writer.write(
                        List.of(new Document(
                                "orders", key, new Version(1, 0), Json.object().put("id", id))),
                        List.of(new AppliedTidemark(0, new TidemarkRef(1, new Lsn(1))))))
                .containsOnly(WriteOutcome.applied());
    }

    private void serve(int number) {
        try (ElasticsearchServed served = new ElasticsearchServed(settings, alias, generation(number))) {
            served.serve(1);
        }
    }

    private boolean isServed(int number) {
        try (ElasticsearchServed served = new ElasticsearchServed(settings, alias, generation(number))) {
            return served.isServed();
        }
    }

    private void drop(int number) {
        try (ElasticsearchServed served = new ElasticsearchServed(settings, alias, generation(number))) {
            served.drop();
        }
    }

    private boolean exists(int number) {
        return server.orFail("HEAD", "/" + alias + "-" + number, null, 404).ok();
    }

    /** Ids that a search finds through the alias. */
    private List<String> found() {
        server.orFail("POST", "/" + alias + "-*/_refresh", null);
        List<String> ids = new ArrayList<>();
        server.orFail("GET", "/" + alias + "/_search", null)
                .json()
                .at("/hits/hits")
                .forEach(hit -> ids.add(hit.at("/_source/id").asText()));
        return ids.stream().sorted().toList();
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        toClose.add(closeable);
        return closeable;
    }
}
