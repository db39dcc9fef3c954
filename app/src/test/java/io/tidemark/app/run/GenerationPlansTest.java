package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.DefinitionResolver;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.ModelGenerations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generations that were noted, held against a file that says something else by now. */
class GenerationPlansTest {

    private static final Relation ORDERS = new Relation(
            new TableId("public", "orders"),
            List.of(new Column("id", "integer", 23, false)),
            List.of("id"),
            List.of(),
            1);
    private static final ObjectNode ELSEWHERE = Json.object()
            .put("document", "public.orders")
            .set("to", Json.object().put("cache", "order:{id}"));

    @TempDir
    private Path directory;

    private Plan file;

    @BeforeEach
    void read() throws IOException {
        TidemarkConfig config = TidemarkConfig.load(Files.writeString(directory.resolve("tidemark.yml"), """
                source: {url: "jdbc:postgresql://localhost/shop", user: u, tables: [public.*]}
                kafka: {bootstrap.servers: "localhost:9092"}
                stores:
                  search: {elasticsearch: {url: "http://localhost:9200"}}
                read-models:
                  some: {document: public.orders, to: {search: some}}
                  other: {document: public.orders, to: {search: other}}
                """));
        List<ReadModel> models = DefinitionResolver.resolve(config, List.of(ORDERS));
        file = new Plan(config, List.of(ORDERS), models);
    }

    /** One that is in a store which the file does not name. */
    private static ModelGenerations elsewhere(String model) {
        return ModelGenerations.first(
                model,
                "lineage",
                ModelGenerations.Build.of(1, 1, "digest", Map.of("cache", "order:{id} as json"), ELSEWHERE));
    }

    @Test
    void a_definition_that_does_not_fit_any_more_keeps_no_other_model_from_being_looked_at() {
        Plan live = new GenerationPlans(file).live(Map.of("some", elsewhere("some")));

        assertThat(live.models()).extracting(ReadModel::name).containsExactly("other");
        assertThat(live.unfit()).containsOnlyKeys("some");
        assertThatThrownBy(() -> live.model("some"))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("cache");
    }

    @Test
    void whoever_does_not_know_a_store_says_nothing_of_what_readers_have_there() {
        ModelGenerations now = elsewhere("some");
        assertThatThrownBy(() -> Promotion.inOrder(file.config(), now, now.liveBuild()))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("some@1 is also in store 'cache'");
    }
}
