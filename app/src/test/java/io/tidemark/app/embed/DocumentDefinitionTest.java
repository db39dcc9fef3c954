package io.tidemark.app.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.config.DefinitionResolver;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.embed.ManyBuilder.Order;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.ReadModel;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentDefinitionTest {

    private static final String SYSTEMS = """
            source: {url: "jdbc:postgresql://localhost:5432/shop", user: tidemark, tables: [public.*]}
            kafka: {bootstrap.servers: "localhost:9092"}
            stores:
              search: {elasticsearch: {url: "http://localhost:9200"}}
              cache: {redis: {url: "redis://localhost:6379"}}
              dw: {sql: {url: "jdbc:postgresql://localhost:5433/dw"}}
            """;

    private static final List<Relation> CATALOGUE = List.of(
            relation("orders", "id integer", "number text", "status text", "customer integer"),
            relation("customers", "id integer", "name text"),
            relation("lines", "id integer", "order_id integer", "product integer", "price numeric"));

    @TempDir
    private Path directory;

    private static Relation relation(String name, String... columns) {
        List<Column> parsed = Arrays.stream(columns)
                .map(column -> column.split(" ", 2))
                .map(parts -> new Column(parts[0], parts[1], 0, false))
                .toList();
        return new Relation(new TableId("public", name), parsed, List.of("id"), List.of(), 1);
    }

    private TidemarkConfig config(String text, DocumentDefinition... definitions) throws IOException {
        return TidemarkConfig.load(
                Files.writeString(directory.resolve("tidemark.yml"), text),
                name -> null,
                Arrays.stream(definitions).map(DocumentDefinition::model).toList());
    }

    private List<ReadModel> resolved(String text, DocumentDefinition... definitions) throws IOException {
        return DefinitionResolver.resolve(config(text, definitions), CATALOGUE);
    }

    @Test
    void java_and_the_file_give_the_same_definition() throws IOException {
        DocumentDefinition inJava = DocumentDefinition.of("m", "public.orders", order -> order.key("number")
                .fields("id", "status")
                .field("called", "number")
                .constant("kind", "order")
                .constant("price", new BigDecimal("1.50"))
                .constant("version", 2)
                .constant("live", true)
                .where("status <> 'draft'")
                .one("customer", "public.customers", customer -> customer.by("customer")
                        .fields("name")
                        .where("name is not null"))
                .many("lines", "public.lines", lines -> lines.by("order_id")
                        .orderBy("price", Order.DESC_NULLS_LAST)
                        .orderBy("product")
                        .limit(4)
                        .count("n")
                        .count("priced", "price")
                        .sum("total", "price")
                        .avg("mean", "price")
                        .min("least", "price")
                        .max("most", "price"))
                .many("sold", "public.lines", lines -> lines.by("order_id")
                        .unlisted()
                        .count("how_many"))
                .many("buyers", "public.orders", orders -> orders.by("customer")
                        .one("who", "public.customers", who -> who.by("customer")
                                .field("buyer", "name"))
                        .flatten("who")
                        .fields("id"))
                .maxParked(7)
                .maxDocumentBytes(2_000_000)
                .to("search", "i")
                .to("cache", Map.of("key", "o:{number}", "ttl", "1h"))
                .to("dw", Map.of("table", "w.orders", "columns", List.of("status"))));
        String inFile = SYSTEMS + """
                read-models:
                  m:
                    document: public.orders
                    key: number
                    fields: [id, status, {called: number}]
                    constants: {kind: order, price: 1.50, version: 2, live: true}
                    where: status <> 'draft'
                    one: {customer: {table: public.customers, by: customer, fields: name, where: name is not null}}
                    many:
                      lines:
                        table: public.lines
                        by: order_id
                        order-by: [{price: desc nulls last}, product]
                        limit: 4
                        aggregates: {n: count, priced: {count: price}, total: {sum: price}, mean: {avg: price},
                                     least: {min: price}, most: {max: price}}
                      sold: {table: public.lines, by: order_id, list: false, aggregates: {how_many: count}}
                      buyers:
                        table: public.orders
                        by: customer
                        one: {who: {table: public.customers, by: customer, fields: {buyer: name}}}
                        flatten: who
                        fields: [id]
                    max-parked: 7
                    max-document-bytes: 2000000
                    to: {search: i, cache: {key: "o:{number}", ttl: 1h}, dw: {table: w.orders, columns: [status]}}
                """;
        assertThat(resolved(SYSTEMS, inJava)).isEqualTo(resolved(inFile));
        assertThat(config(SYSTEMS, inJava).readModels().get(0).targets())
                .extracting(target -> target.target().text())
                .containsExactly("i", "o:{number}", "w.orders");
    }

    @Test
    void it_stands_beside_the_read_models_of_the_file() throws IOException {
        String inFile = SYSTEMS + "read-models: {m: {document: public.orders, to: {search: i}}}\n";
        DocumentDefinition other = orders("n", order -> order.to("search", "j"));
        assertThat(resolved(inFile, other)).extracting(ReadModel::name).containsExactly("m", "n");
        assertThatThrownBy(() -> config(inFile, orders("m", order -> order.to("search", "j"))))
                .hasMessageContaining("duplicate key 'm' in read-models; the first is on line 7");
        assertThatThrownBy(() -> config(inFile, orders("n", order -> order.to("search", "i"))))
                .hasMessageContaining("DocumentDefinitionTest.java:")
                .hasMessageContaining("'i' is already written by read model 'm'");
    }

    private static DocumentDefinition orders(String name, Consumer<DocumentBuilder> content) {
        return DocumentDefinition.of(name, "public.orders", content);
    }

    private static int here() {
        return StackWalker.getInstance()
                .walk(frames -> frames.skip(1).findFirst())
                .orElseThrow()
                .getLineNumber();
    }

    @Test
    void what_is_wrong_is_said_with_the_line_of_java() {
        int line = here() + 1;
        DocumentDefinition wrong = orders("m", order -> order.fields("id", "statsu")
                .where("status >")
                .key("nmber")
                .one("c", "public.custmers", customer -> customer.by("customer"))
                .to("search", "i"));
        assertThatThrownBy(() -> resolved(SYSTEMS, wrong))
                .hasMessageContaining(at(line) + "table public.orders has no column 'statsu'; did you mean 'status'?")
                .hasMessageContaining(at(line + 1) + "where: ")
                .hasMessageContaining(at(line + 2) + "table public.orders has no column 'nmber'")
                .hasMessageContaining(at(line + 3) + "the source has no table 'public.custmers'");
    }

    @Test
    void what_the_parser_refuses_in_the_file_it_refuses_in_java() {
        int line = here() + 1;
        DocumentDefinition wrong = orders("m", order -> order.fields()
                .where("status = 'x'")
                .where("status = 'y'")
                .maxParked(-1)
                .to("serch", "i")
                .to("cache", Map.of("key", "o:{id}", "tll", "1h")));
        assertThatThrownBy(() -> config(SYSTEMS, wrong))
                .hasMessageContaining(at(line) + "read-models.m.fields: expected at least one entry")
                .hasMessageContaining(at(line + 2) + "duplicate key 'where' in read-models.m")
                .hasMessageContaining(at(line + 3) + "read-models.m.max-parked: expected a whole number")
                .hasMessageContaining(
                        at(line + 4) + "read-models.m.to: there is no store 'serch'; did you mean 'search'?")
                .hasMessageContaining(at(line + 5) + "unknown key 'tll'");
        assertThatThrownBy(() -> orders("m", order -> order.to("cache", Map.of("ttl", 1.5))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Double is neither a text");
    }

    private static String at(int line) {
        return "DocumentDefinitionTest.java:" + line + ":1: ";
    }

    @Test
    void references_are_the_files_and_text_of_java_is_taken_as_it_is() throws IOException {
        DocumentModel model =
                (DocumentModel) resolved(SYSTEMS, orders("m", order -> order.constant("text", "${HOME} $${x}")
                                .to("search", "i")))
                        .get(0);
        assertThat(model.root().constants().get(0).value().textValue()).isEqualTo("${HOME} $${x}");
    }

    @Test
    void a_mapping_makes_what_is_stored_and_leaves_no_entries_to_columns_and_hashes() throws Exception {
        DocumentModel model = (DocumentModel)
                resolved(SYSTEMS, orders("m", order -> order.storedAs("1", (key, body) -> body.put("key", key.text()))
                                .to("dw", "w.orders")))
                        .get(0);
        assertThat(model.form().version()).isEqualTo("1");
        assertThat(model.form().of(new RowKey("{\"id\":7}"), Json.object()))
                .isEqualTo(Json.object().put("key", "7"));
        int line = here() + 2;
        DocumentDefinition apart = orders("m", order -> order.storedAs("1", (key, body) -> body)
                .to("dw", Map.of("table", "w.orders", "columns", "status"))
                .to("cache", Map.of("key", "o:{id}", "form", "hash")));
        assertThatThrownBy(() -> resolved(SYSTEMS, apart))
                .hasMessageContaining(at(line) + "columns takes entries of the document as it is defined")
                .hasMessageContaining(at(line + 1) + "form: hash takes entries");
    }
}
