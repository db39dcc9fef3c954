package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.Json;
import io.tidemark.projections.ModelGenerations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DroppedTopicsTest {

    private static final ObjectNode DEFINITION = Json.parseObject("""
            {"document": "public.orders",
             "one": {"customer": {"table": "public.customers"}},
             "many": {"lines": {"table": "public.lines", "one": {"product": {"table": "public.products"}}}}}
            """);

    @TempDir
    private Path directory;

    @Test
    void the_parts_of_a_definition_are_its_references_and_children_at_any_depth() {
        assertThat(DroppedTopics.parts(DEFINITION)).containsExactlyInAnyOrder("customer", "lines", "lines.product");
    }

    @Test
    void what_a_generation_alone_has_is_named_and_nothing_that_only_begins_alike() throws IOException {
        assertThat(names(generations(1, 2), 1))
                .contains(
                        "shop.orders.documents",
                        "shop.orders.parked",
                        "shop.orders-orders-state-changelog",
                        "shop.orders-orders.lines.product-targets-changelog",
                        "shop.orders-orders.lines-children-repartition")
                .doesNotContain(
                        "shop.orders.2.documents",
                        "shop.orders.2-orders.2-state-changelog",
                        "shop.orders-archive.2-orders-archive.2-state-changelog");
    }

    @Test
    void documents_that_another_generation_is_written_from_stay() throws IOException {
        assertThat(names(generations(1, 1), 1)).containsExactly("shop.orders.parked");
        assertThat(names(generations(1, 1), 2)).containsExactly("shop.orders.2.parked");
    }

    private Set<String> names(ModelGenerations generations, int number) throws IOException {
        TidemarkConfig config = TidemarkConfig.load(Files.writeString(directory.resolve("tidemark.yml"), """
                source: {url: "jdbc:postgresql://localhost/shop", user: u, tables: [public.*]}
                kafka: {bootstrap.servers: "localhost:9092", prefix: shop}
                """));
        Plan plan = new Plan(config, List.of(), List.of());
        return new DroppedTopics(plan, generations, generations.build(number).orElseThrow()).names();
    }

    /** Two of them, by the numbers of their assemblers. */
    private static ModelGenerations generations(int first, int second) {
        return ModelGenerations.first("orders", "lineage", build(1, first)).beginning(build(2, second));
    }

    private static ModelGenerations.Build build(int number, int assembly) {
        return ModelGenerations.Build.of(number, assembly, "digest", Map.of("search", "orders"), DEFINITION);
    }
}
