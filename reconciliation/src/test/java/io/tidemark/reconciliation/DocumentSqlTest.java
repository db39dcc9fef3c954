package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.filter.Operand.ColumnOperand;
import io.tidemark.model.filter.Operand.Literal;
import io.tidemark.model.filter.RowFilter;
import io.tidemark.model.filter.RowFilter.Comparison;
import io.tidemark.model.filter.RowFilter.IsNull;
import io.tidemark.model.filter.RowFilter.Not;
import io.tidemark.model.filter.RowFilter.Operator;
import io.tidemark.model.filter.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;

class DocumentSqlTest {

    private static final Relation ORDERS = relation("orders", "id", "integer");
    private static final Relation LINES = new Relation(
            TableId.parse("public.lines"),
            List.of(
                    new Column("id", "character(4)", 1042, false),
                    new Column("order_id", "bigint", 20, true),
                    new Column("note", "character varying(10)", 1043, true)),
            List.of("id"),
            List.of(),
            1);

    @Test
    void a_tree_becomes_one_statement_with_a_subquery_per_node() {
        DocumentNode lines = new DocumentNode(LINES, List.of("note"), List.of(), List.of());
        DocumentNode orders = new DocumentNode(
                ORDERS,
                List.of("id"),
                List.of(),
                List.of(new Children("lines", List.of("order_id"), List.of("note"), lines)));

        assertThat(new DocumentSql(orders).all())
                .isEqualTo("SELECT jsonb_build_object('id', t0.\"id\")::text, t0.xmin::text, (jsonb_build_object("
                        + "'id', t0.\"id\", 'lines', (SELECT coalesce(jsonb_agg(jsonb_build_object('note', t1.\"note\")"
                        + " ORDER BY t1.\"note\" COLLATE \"C\" NULLS LAST,"
                        + " CASE WHEN jsonb_typeof(to_jsonb(t1.\"id\")) = 'number'"
                        + " THEN to_jsonb(t1.\"id\")::numeric END NULLS LAST,"
                        + " CASE WHEN NOT jsonb_typeof(to_jsonb(t1.\"id\")) = 'number'"
                        + " THEN to_jsonb(t1.\"id\") #>> '{}' END COLLATE \"C\" NULLS LAST"
                        + "), '[]'::jsonb) FROM \"public\".\"lines\" AS t1 WHERE t1.\"order_id\" = t0.\"id\")))::text"
                        + " FROM \"public\".\"orders\" AS t0 ORDER BY t0.\"id\"");
    }

    @Test
    void filters_stand_beside_the_joins_and_over_the_root_in_every_statement() {
        RowFilter noted = new Not(new IsNull("note"));
        RowFilter positive = new Comparison(
                new ColumnOperand("id", ValueType.INTEGER),
                Operator.GREATER,
                new Literal(ValueType.INTEGER.ofNumber("0").orElseThrow(), "0"));
        DocumentNode lines =
                new DocumentNode(LINES, Field.named(List.of("note")), List.of(), List.of(), List.of(), noted);
        DocumentNode orders = new DocumentNode(
                ORDERS,
                Field.named(List.of("id")),
                List.of(),
                List.of(),
                List.of(new Children("lines", List.of("order_id"), List.of(), lines)),
                positive);
        DocumentSql sql = new DocumentSql(orders);

        assertThat(sql.all())
                .contains("WHERE t1.\"order_id\" = t0.\"id\" AND (NOT (t1.\"note\" IS NULL)))")
                .endsWith("AS t0 WHERE (t0.\"id\" > 0) ORDER BY t0.\"id\"");
        assertThat(sql.ofKeys()).endsWith("ON t0.\"id\" = k.\"id\" WHERE (t0.\"id\" > 0) ORDER BY t0.\"id\"");
        assertThat(sql.presentKeys()).endsWith("ON t0.\"id\" = k.\"id\" WHERE (t0.\"id\" > 0)");
    }

    @Test
    void keys_are_bound_once_in_their_own_types_without_lengths() {
        DocumentNode lines = new DocumentNode(LINES, List.of("note"), List.of(), List.of());

        assertThat(new DocumentSql(lines).presentKeys())
                .isEqualTo("SELECT jsonb_build_object('id', t0.\"id\")::text FROM \"public\".\"lines\" AS t0"
                        + " JOIN jsonb_to_recordset(CAST(? AS jsonb)) AS k(\"id\" bpchar) ON t0.\"id\" = k.\"id\"");
    }

    @Test
    void documents_are_found_by_the_columns_that_tell_them_apart() {
        DocumentNode lines = new DocumentNode(LINES, List.of("note"), List.of(), List.of());
        DocumentSql sql = new DocumentSql(lines, LINES.keyedBy(List.of("order_id", "note")));

        assertThat(sql.all())
                .startsWith(
                        "SELECT jsonb_build_object('order_id', t0.\"order_id\", 'note', t0.\"note\")::text, t0.xmin")
                .endsWith(" ORDER BY t0.\"order_id\", t0.\"note\"");
        assertThat(sql.ofKeys())
                .contains("AS k(\"order_id\" bigint, \"note\" character varying)"
                        + " ON t0.\"order_id\" = k.\"order_id\" AND t0.\"note\" = k.\"note\"");
    }

    @Test
    void a_definition_that_does_not_fit_its_tables_is_refused() {
        DocumentNode lines = new DocumentNode(LINES, List.of("note"), List.of(), List.of());
        DocumentNode unknownOrder = new DocumentNode(
                ORDERS,
                List.of("id"),
                List.of(),
                List.of(new Children("lines", List.of("order_id"), List.of("weight"), lines)));
        DocumentNode unpaired = new DocumentNode(
                ORDERS,
                List.of("id"),
                List.of(),
                List.of(new Children("lines", List.of("order_id", "note"), List.of(), lines)));

        assertThatThrownBy(() -> new DocumentSql(unknownOrder).all()).hasMessageContaining("no column 'weight'");
        assertThatThrownBy(() -> new DocumentSql(unpaired).all()).hasMessageContaining("'lines' pairs");
    }

    private static Relation relation(String name, String key, String type) {
        return new Relation(
                new TableId("public", name), List.of(new Column(key, type, 0, false)), List.of(key), List.of(), 1);
    }
}
