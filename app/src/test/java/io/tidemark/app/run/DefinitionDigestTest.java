package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.Constant;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.definition.SortColumn;
import io.tidemark.model.definition.StoredForm;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DefinitionDigestTest {

    private static final Relation TABLE =
            new Relation(new TableId("public", "a"), List.of(), List.of("id"), List.of(), 1);

    private static DocumentNode node(List<Field> fields, Constant... constants) {
        return new DocumentNode(TABLE, fields, List.of(constants), List.of(), List.of());
    }

    @Test
    void fields_names_and_constants_make_another_definition() {
        List<Field> plain = Field.named(List.of("x"));
        assertDistinct(Stream.of(
                node(plain),
                node(List.of(new Field("y", "x"))),
                node(List.of(new Field("x", "y"))),
                node(plain, new Constant("y", IntNode.valueOf(1))),
                node(plain, new Constant("z", IntNode.valueOf(1))),
                node(plain, new Constant("y", TextNode.valueOf("1")))));
    }

    private static DocumentNode parent(List<SortColumn> orderBy, int limit) {
        Children many = new Children("c", List.of("x"), orderBy, limit, node(List.of()));
        return new DocumentNode(TABLE, List.of(), List.of(), List.of(), List.of(many));
    }

    @Test
    void a_history_makes_another_mirror() {
        List<TableId> tables = List.of(new TableId("public", "a"));
        assertThat(DefinitionDigest.of(new MirrorModel("m", tables, true)))
                .isNotEqualTo(DefinitionDigest.of(new MirrorModel("m", tables)));
    }

    @Test
    void order_and_limit_make_another_definition() {
        List<SortColumn> plain = List.of(SortColumn.ascending("x"));
        assertDistinct(Stream.of(
                parent(List.of(), Children.ALL),
                parent(plain, Children.ALL),
                parent(plain, 3),
                parent(List.of(new SortColumn("x", true, false)), Children.ALL),
                parent(List.of(new SortColumn("x", false, true)), Children.ALL)));
    }

    private static DocumentNode parent(boolean listed, Aggregate... aggregates) {
        Children many =
                new Children("c", List.of("x"), List.of(), Children.ALL, listed, List.of(aggregates), node(List.of()));
        return new DocumentNode(TABLE, List.of(), List.of(), List.of(), List.of(many));
    }

    @Test
    void aggregates_make_another_definition() {
        assertDistinct(Stream.of(
                parent(true),
                parent(true, new Aggregate("n", Function.COUNT, null)),
                parent(false, new Aggregate("n", Function.COUNT, null)),
                parent(true, new Aggregate("m", Function.COUNT, null)),
                parent(true, new Aggregate("n", Function.COUNT, "x")),
                parent(true, new Aggregate("n", Function.MAX, "x")),
                parent(true, new Aggregate("n", Function.MAX, "y"))));
    }

    @Test
    void a_flattened_reference_makes_another_definition() {
        assertDistinct(Stream.of(true, false)
                .map(lifted -> new Reference("r", List.of("x"), lifted, node(List.of())))
                .map(one -> new DocumentNode(TABLE, List.of(), List.of(), List.of(one), List.of())));
    }

    @Test
    void another_key_makes_another_definition() {
        assertThat(Stream.of(List.of("id"), List.of("x"), List.of("x", "y"), List.of("y", "x"))
                        .map(key -> DefinitionDigest.of(new DocumentModel("m", node(List.of()), key))))
                .doesNotHaveDuplicates();
    }

    @Test
    void another_version_of_a_mapping_makes_another_definition() {
        assertThat(Stream.of(
                                StoredForm.AS_ASSEMBLED,
                                new StoredForm("1", (key, body) -> body),
                                new StoredForm("2", (key, body) -> body))
                        .map(form -> DefinitionDigest.of(new DocumentModel("m", node(List.of()), List.of("id"), form))))
                .doesNotHaveDuplicates();
    }

    /** Of {@code (public.a [id] [x, y] many c[x][x](public.a [id] []))}, as it was before the language had more words. */
    @Test
    void a_definition_that_uses_no_newer_words_keeps_its_digest() {
        Children many = new Children("c", List.of("x"), List.of("x"), node(List.of()));
        DocumentNode root =
                new DocumentNode(TABLE, Field.named(List.of("x", "y")), List.of(), List.of(), List.of(many));

        assertThat(DefinitionDigest.of(new DocumentModel("m", root))).isEqualTo("df68040dadb0");
    }

    private static void assertDistinct(Stream<DocumentNode> nodes) {
        assertThat(nodes.map(node -> DefinitionDigest.of(new DocumentModel("m", node))))
                .doesNotHaveDuplicates();
    }
}
