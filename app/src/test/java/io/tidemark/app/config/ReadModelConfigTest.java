package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.config.ReadModelConfig.DocumentConfig;
import io.tidemark.app.config.ReadModelConfig.MirrorConfig;
import io.tidemark.app.config.ReadModelConfig.NodeConfig;
import io.tidemark.app.config.ReadModelConfig.RelatedConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadModelConfigTest {

    private static ReadModelConfig model(String model) {
        return Parsing.parse(Parsing.withModels(model)).readModels().get(0);
    }

    @Test
    void every_default() {
        assertThat(Parsing.parse(Parsing.SHORT).readModels()).isEmpty();
        NodeConfig root = ((DocumentConfig) model("m: {document: public.orders, to: {search: i}}")).root();
        assertThat(root.fields()).isEmpty();
        assertThat(root.one()).isEmpty();
        assertThat(root.many()).isEmpty();
        assertThat(root.where()).isNull();
        RelatedConfig lines = ((DocumentConfig)
                        model("m: {document: a.b, many: {lines: {table: c.d}}, to: {search: i}}"))
                .root()
                .many()
                .get(0);
        assertThat(lines.by()).isEmpty();
        assertThat(lines.orderBy()).isEmpty();
    }

    @Test
    void every_key_of_a_document() {
        DocumentConfig document = (DocumentConfig) model("""
                order-search:
                  document: public.orders
                  fields: [id, status]
                  where: "status <> 'draft'"
                  one: {customer: {table: public.customers, by: customer_id, fields: name, where: active}}
                  many:
                    lines:
                      table: public.order_lines
                      by: [order_id]
                      order-by: [line_no, sku]
                      where: quantity > 0
                      one: {product: {table: public.products, by: product_id}}
                      many: {notes: {table: public.notes, by: [a, b], order-by: at}}
                  to: {search: orders, cache: "order:{id}"}
                """);
        assertThat(document.name()).isEqualTo("order-search");
        assertThat(document.targets())
                .extracting(target -> target.store() + "=" + target.target().text())
                .containsExactly("search=orders", "cache=order:{id}");
        NodeConfig root = document.root();
        assertThat(root.table().text()).isEqualTo("public.orders");
        assertThat(root.fields()).extracting(Mention::text).containsExactly("id", "status");
        assertThat(root.one().get(0).name().text()).isEqualTo("customer");
        assertThat(root.one().get(0).node().fields()).extracting(Mention::text).containsExactly("name");
        assertThat(root.where()).isEqualTo(new Mention("status <> 'draft'", new Place("tidemark.yml", 11, 12)));
        assertThat(root.one().get(0).node().where().text()).isEqualTo("active");
        RelatedConfig lines = root.many().get(0);
        assertThat(lines.node().where().text()).isEqualTo("quantity > 0");
        assertThat(lines.by()).extracting(Mention::text).containsExactly("order_id");
        assertThat(lines.orderBy()).extracting(Mention::text).containsExactly("line_no", "sku");
        assertThat(lines.node().one().get(0).node().table().text()).isEqualTo("public.products");
        assertThat(lines.node().many().get(0).by()).extracting(Mention::text).containsExactly("a", "b");
    }

    @Test
    void every_key_of_a_mirror() {
        MirrorConfig mirror = (MirrorConfig) model("w: {mirror: [public.*, a.b], to: {dw: copy}}");
        assertThat(mirror.tables()).extracting(TablePattern::text).containsExactly("public.*", "a.b");
        assertThat(mirror.targets().get(0).target().text()).isEqualTo("copy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "m: {document: a.b, mirror: [a.b], to: {search: i}} | expected exactly one of document and mirror, found both",
                "m: {to: {search: i}}                               | expected exactly one of document and mirror, found none",
                "m: {document: orders, to: {search: i}}             | read-models.m.document: 'orders' is not of the form schema.table",
                "m: {document: a.b}                                 | missing key 'to' in read-models.m",
                "m: {document: a.b, to: {serch: i}}                 | there is no store 'serch'; did you mean 'search'?",
                "m: {document: a.b, to: {search: Orders}}           | read-models.m.to.search: expected an index name in lower case, found 'Orders'",
                "m: {document: a.b, to: {cache: order}}             | read-models.m.to.cache: expected a key such as order:{id}, found 'order'",
                "m: {document: a.b, to: {dw: orders}}               | a document is written to an elasticsearch or redis store; 'dw' is sql",
                "m: {mirror: [a.b], to: {search: i}}                | a mirror is written to a sql store; 'search' is elasticsearch",
                "m: {mirror: [a.b], to: {dw: pg_x}}                 | a schema name of at most 63 bytes",
                "m: {document: a.b, fields: [], to: {search: i}}    | read-models.m.fields: expected at least one entry, or no such key, found a list",
                "m: {document: a.b, fields: [x, x], to: {search: i}} | 'x' is listed twice",
                "m: {document: a.b, one: {_tidemark: {table: a.c}}, to: {search: i}} | names that begin with _tidemark are Tidemark's own",
                "m: {document: a.b, one: {c: {table: a.c, order-by: x}}, to: {search: i}} | unknown key 'order-by' in read-models.m.one.c",
                "m: {document: a.b, where: [x > 1], to: {search: i}} | read-models.m.where: expected text, found a list",
                "m: {mirror: [a.b], where: x > 1, to: {dw: s}}      | unknown key 'where' in read-models.m",
                "m: {mirror: [a.b], history: true, to: {dw: s}}     | 'history' is not supported in this version; remove it",
                "m: {document: a.b, many: {c: {table: a.c, limit: 3}}, to: {search: i}} | 'limit' is not supported in this version; remove it",
                "m: {document: a.b, flatten: x, to: {search: i}}    | 'flatten' is not supported in this version; remove it",
            })
    void what_is_wrong_is_said(String model, String message) {
        assertThatThrownBy(() -> model(model)).hasMessageContaining(message);
    }

    @Test
    void two_models_cannot_write_to_the_same_place() {
        assertThatThrownBy(() -> model("""
                        a: {document: a.b, to: {search: i}}
                        b: {document: a.b, to: {search: i}}
                        """))
                .hasMessage("tidemark.yml:9:35: read-models.b.to.search: 'i' is already written by read model 'a'");
    }

    @Test
    void a_mirror_into_its_own_source_is_refused() {
        String text = Parsing.withModels("m: {mirror: [public.*], to: {dw: public}}")
                .replace("jdbc:postgresql://localhost:5433/dw", "jdbc:postgresql://localhost:5432/shop");
        assertThatThrownBy(() -> Parsing.parse(text)).hasMessageContaining("is the source itself");
    }
}
