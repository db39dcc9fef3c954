package io.tidemark.projections.internal.assembler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import io.tidemark.projections.DocumentLimit;
import io.tidemark.projections.TidemarkFollower;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;

/** Topics by name, since a model may be called as the topics of another one begin. */
class StepTopicsTest {

    private static final Set<String> PARTS = Set.of("customer", "lines", "lines.product");

    @Test
    void every_topic_that_streams_make_is_named() {
        for (List<String> key : List.of(List.of("id"), List.of("number"))) {
            assertThat(StepTopics.of("orders.2", PARTS)).containsAll(made(model("orders.2", key)));
        }
    }

    @Test
    void no_topic_of_another_model_or_of_another_generation_is_named() {
        Set<String> ours = application("orders", StepTopics.of("orders", PARTS));
        for (String other :
                List.of("orders.2", "orders-archive", "orders-archive.2", "orders-orders", "orders-orders.2")) {
            assertThat(application(other, made(model(other, List.of("number")))))
                    .as(other)
                    .doesNotContainAnyElementsOf(ours);
        }
    }

    private static Set<String> application(String build, Set<String> names) {
        return names.stream().map(name -> "shop." + build + "-" + name).collect(Collectors.toSet());
    }

    private static DocumentModel model(String name, List<String> key) {
        DocumentNode product = new DocumentNode(relation("products"), List.of("name"), List.of(), List.of());
        DocumentNode lines = new DocumentNode(
                relation("lines"),
                List.of("quantity"),
                List.of(new Reference("product", List.of("product_id"), product)),
                List.of());
        DocumentNode customer = new DocumentNode(relation("customers"), List.of("name"), List.of(), List.of());
        DocumentNode root = new DocumentNode(
                relation("orders"),
                List.of("total"),
                List.of(new Reference("customer", List.of("customer_id"), customer)),
                List.of(new Children("lines", List.of("order_id"), List.of(), Children.ALL, true, List.of(), lines)));
        return new DocumentModel(name, root, key);
    }

    private static Relation relation(String table) {
        return new Relation(
                new TableId("public", table),
                List.of(new Column("id", "integer", 23, false)),
                List.of("id"),
                List.of(),
                1);
    }

    /** As the topology says: its stores have changelogs, and what it only sends to itself goes through repartition topics. */
    private static Set<String> made(DocumentModel model) {
        Topics topics = new Topics("shop");
        try (TidemarkFollower nobody = new TidemarkFollower(Map.of("bootstrap.servers", "localhost:1"), topics)) {
            Topology topology = AssemblerTopology.build(model, topics, 2, nobody, DocumentLimit.DEFAULT);
            Set<String> names = new HashSet<>();
            find("stores: \\[([^\\]]+)]", topology).forEach(name -> names.add(name + "-changelog"));
            find("topic: (\\S+-repartition)\\b", topology).forEach(names::add);
            assertThat(names).hasSizeGreaterThan(10);
            return names;
        }
    }

    private static List<String> find(String pattern, Topology topology) {
        return Pattern.compile(pattern)
                .matcher(topology.describe().toString())
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
