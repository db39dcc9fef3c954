package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.Constant;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.EntryTypes;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.Reference;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryTypesTest {

    private static final Relation ROWS = new Relation(
            new TableId("public", "rows"),
            List.of(
                    new Column("id", "integer", 23, false),
                    new Column("price", "numeric(12,2)", 1700, true),
                    new Column("size", "bigint", 20, true),
                    new Column("mood", "public.mood", 99_999, true, 3, "{\"1\":\"fine\"}")),
            List.of("id"),
            List.of(),
            1);

    @Test
    void every_entry_of_a_document_has_the_type_postgres_would_give_it() {
        DocumentNode leaf = new DocumentNode(ROWS, List.of("id"), List.of(), List.of());
        List<Aggregate> aggregates = List.of(
                new Aggregate("n", Function.COUNT, null),
                new Aggregate("priced", Function.COUNT, "price"),
                new Aggregate("ids", Function.SUM, "id"),
                new Aggregate("sizes", Function.SUM, "size"),
                new Aggregate("mean", Function.AVG, "id"),
                new Aggregate("least", Function.MIN, "price"));
        DocumentNode root = new DocumentNode(
                ROWS,
                List.of(new Field("cost", "price"), new Field("mood", "mood")),
                List.of(
                        new Constant("kind", TextNode.valueOf("row")),
                        new Constant("version", Json.parse("2")),
                        new Constant("live", BooleanNode.TRUE)),
                List.of(new Reference("other", List.of("id"), leaf)),
                List.of(
                        new Children("list", List.of("id"), List.of(), Children.ALL, leaf),
                        new Children("hidden", List.of("id"), List.of(), Children.ALL, false, aggregates, leaf)));

        assertThat(EntryTypes.of(root))
                .extracting(column -> column.name() + " " + column.type())
                .containsExactly(
                        "cost numeric(12,2)",
                        "mood public.mood",
                        "kind text",
                        "version numeric",
                        "live boolean",
                        "other jsonb",
                        "list jsonb",
                        "n bigint",
                        "priced bigint",
                        "ids bigint",
                        "sizes numeric",
                        "mean numeric",
                        "least numeric(12,2)");
        assertThat(EntryTypes.of(root).get(1).detail()).contains("fine");
    }
}
