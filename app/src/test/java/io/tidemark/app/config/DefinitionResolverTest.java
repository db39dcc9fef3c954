package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Column;
import io.tidemark.model.ForeignKey;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.definition.SortColumn;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionResolverTest {

    private static final TableId CUSTOMERS = new TableId("public", "customers");
    private static final TableId ORDERS = new TableId("public", "orders");
    private static final TableId LINES = new TableId("public", "lines");
    private static final List<Relation> CATALOGUE = List.of(
            relation(
                    CUSTOMERS,
                    List.of("id"),
                    List.of(),
                    "id integer",
                    "name text",
                    "manager bigint",
                    "code text",
                    "extra jsonb"),
            relation(
                    ORDERS,
                    List.of("id"),
                    List.of(
                            new ForeignKey(List.of("customer"), CUSTOMERS, List.of("id")),
                            new ForeignKey(List.of("payer"), CUSTOMERS, List.of("id"))),
                    "id integer",
                    "customer integer",
                    "payer integer",
                    "total numeric(12,2)"),
            relation(
                    LINES,
                    List.of("order_id", "line_no"),
                    List.of(new ForeignKey(List.of("order_id"), ORDERS, List.of("id"))),
                    "order_id integer",
                    "line_no integer",
                    "sku character varying(9)"),
            relation(
                    new TableId("public", "notes"),
                    List.of("id"),
                    List.of(new ForeignKey(List.of("line", "ord"), LINES, List.of("line_no", "order_id"))),
                    "id integer",
                    "ord integer",
                    "line integer"),
            relation(new TableId("audit", "log"), List.of("id"), List.of(), "id integer"));

    private static Relation relation(TableId table, List<String> key, List<ForeignKey> foreignKeys, String... columns) {
        List<Column> parsed = Arrays.stream(columns)
                .map(column -> column.split(" ", 2))
                .map(parts -> new Column(parts[0], parts[1], 0, true))
                .toList();
        return new Relation(table, parsed, key, foreignKeys, 1);
    }

    private static List<ReadModel> resolve(String models) {
        return DefinitionResolver.resolve(Parsing.parse(Parsing.withModels(models)), CATALOGUE);
    }

    private static DocumentNode root(String model) {
        return ((DocumentModel) resolve(model).get(0)).root();
    }

    @Test
    void a_tree_is_resolved_with_all_columns_and_the_only_foreign_key_by_default() {
        DocumentNode root = root("""
                m:
                  document: public.orders
                  one: {customer_row: {table: public.customers, by: customer, fields: [name]}}
                  many: {lines: {table: public.lines, order-by: sku, many: {notes: {table: public.notes}}}}
                  to: {search: i}
                """);
        assertThat(root.fields()).extracting(Field::column).containsExactly("id", "customer", "payer", "total");
        assertThat(root.references().get(0).by()).containsExactly("customer");
        assertThat(root.references().get(0).node().fields()).containsExactly(new Field("name", "name"));
        assertThat(root.children().get(0).by()).containsExactly("order_id");
        assertThat(root.children().get(0).orderBy()).containsExactly(SortColumn.ascending("sku"));
        assertThat(root.children().get(0).node().children().get(0).by()).containsExactly("ord", "line");
    }

    @Test
    void a_flattened_reference_gives_its_names_to_the_list() {
        Children orders = root("""
                m:
                  document: public.customers
                  many:
                    paid:
                      {table: public.orders, by: payer, fields: total, flatten: c,
                       one: {c: {table: public.customers, by: customer, fields: {total_of: id, c: name}}}}
                  to: {search: i}
                """).children().get(0);
        assertThat(orders.node().references().get(0).lifted()).isTrue();
        assertThat(orders.node().names()).containsExactly("total", "total_of", "c");
    }

    @Test
    void a_list_left_out_leaves_its_columns_out() {
        Children lines = root("""
                m:
                  document: public.orders
                  many: {lines: {table: public.lines, list: false, aggregates: {n: count, last: {max: line_no}}}}
                  to: {search: i}
                """).children().get(0);
        assertThat(lines.listed()).isFalse();
        assertThat(lines.node().fields()).isEmpty();
        assertThat(lines.aggregates())
                .containsExactly(
                        new Aggregate("n", Aggregate.Function.COUNT, null),
                        new Aggregate("last", Aggregate.Function.MAX, "line_no"));
    }

    @Test
    void a_table_may_refer_to_itself() {
        DocumentNode root = root("""
                m:
                  document: public.customers
                  one: {boss: {table: public.customers, by: manager, one: {boss: {table: public.customers, by: manager}}}}
                  to: {search: i}
                """);
        assertThat(root.references().get(0).node().references().get(0).node().table())
                .isEqualTo(CUSTOMERS);
    }

    @Test
    void a_mirror_has_the_captured_tables_it_matches_once_each() {
        List<ReadModel> models = resolve("m: {mirror: ['*.*', public.orders], to: {dw: s}}");
        assertThat(((MirrorModel) models.get(0)).tables())
                .extracting(TableId::toString)
                .containsExactly("public.customers", "public.lines", "public.notes", "public.orders");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "m: {document: public.ordres, to: {search: i}} | tidemark.yml:8:17: the source has no table 'public.ordres' with a primary key; did you mean 'public.orders'?",
                "m: {document: audit.log, to: {search: i}}     | tidemark.yml:8:17: table 'audit.log' is not captured; add it to source.tables",
                "m: {document: public.orders, fields: [id, totl], to: {search: i}} | tidemark.yml:8:45: table public.orders has no column 'totl'; did you mean 'total'?",
                "m: {document: public.orders, one: {c: {table: public.customers, by: custmer}}, to: {search: i}} | tidemark.yml:8:71: table public.orders has no column 'custmer'; did you mean 'customer'?",
                "m: {document: public.orders, many: {l: {table: public.lines, order-by: line}}, to: {search: i}} | tidemark.yml:8:74: table public.lines has no column 'line'",
                "m: {document: public.orders, many: {l: {table: public.lines, order-by: {ske: desc}}}, to: {search: i}} | tidemark.yml:8:75: table public.lines has no column 'ske'; did you mean 'sku'?",
                "m: {document: public.customers, many: {c: {table: public.customers, by: manager, order-by: extra}}, to: {search: i}} | tidemark.yml:8:94: column 'extra' of public.customers is jsonb, by which rows cannot be ordered",
                "m: {document: public.orders, many: {l: {table: public.lines, aggregates: {n: {sum: lineno}}}}, to: {search: i}} | tidemark.yml:8:86: table public.lines has no column 'lineno'; did you mean 'line_no'?",
                "m: {document: public.orders, many: {l: {table: public.lines, aggregates: {n: {avg: sku}}}}, to: {search: i}} | tidemark.yml:8:86: column 'sku' of public.lines is character varying(9); avg takes integers and numeric",
                "m: {document: public.customers, many: {c: {table: public.customers, by: manager, aggregates: {n: {min: extra}}}}, to: {search: i}} | column 'extra' of public.customers is jsonb; min takes numbers, dates, timestamps, text and varchar",
                "m: {document: public.orders, many: {l: {table: public.lines, aggregates: {total: count}}}, to: {search: i}} | tidemark.yml:8:77: 'total' is already a field of public.orders",
                "m: {document: public.orders, many: {l: {table: public.lines, aggregates: {_tidemark: count}}}, to: {search: i}} | tidemark.yml:8:77: names that begin with _tidemark are Tidemark's own",
                "m: {document: public.customers, many: {o: {table: public.orders, by: payer, fields: id, flatten: c, one: {c: {table: public.customers, by: customer}}}}, to: {search: i}} | tidemark.yml:8:109: 'id' is already a field of public.orders; rename it, or list fields without it",
                "m: {document: public.orders, one: {c: {table: public.customers}}, to: {search: i}} | tidemark.yml:8:38: 'c' needs 'by': there are several foreign keys from public.orders to the primary key of public.customers; say by: customer or payer",
                "m: {document: public.orders, many: {c: {table: public.customers}}, to: {search: i}} | 'c' needs 'by': there is no foreign key from public.customers to the primary key of public.orders",
                "m: {document: public.orders, one: {l: {table: public.lines, by: id}}, to: {search: i}} | tidemark.yml:8:67: 'by' has 1 column, the primary key of public.lines has 2 columns (order_id, line_no)",
                "m: {document: public.customers, one: {o: {table: public.orders, by: code}}, to: {search: i}} | column 'code' of public.customers is text, which cannot be joined with 'id' of public.orders, integer",
                "m: {document: public.orders, one: {payer: {table: public.customers, by: payer}}, to: {search: i}} | tidemark.yml:8:38: 'payer' is already a field of public.orders; rename it, or list fields without it",
                "m: {document: public.orders, one: {a b: {table: public.customers, by: customer}, a_b: {table: public.customers, by: payer}}, to: {search: i}} | tidemark.yml:8:84: 'm.a_b' and 'm.a b' would share a topic",
                "m: {document: public.orders, one: {l.n: {table: public.customers, by: customer}}, many: {l: {table: public.lines, many: {n: {table: public.notes}}}}, to: {search: i}} | 'm.l.n' and 'm.l.n' would share a topic",
                "m: {document: public.orders, fields: [{x: totl}], to: {search: i}} | tidemark.yml:8:45: table public.orders has no column 'totl'; did you mean 'total'?",
                "m: {document: public.orders, fields: [{_tidemark: total}], to: {search: i}} | tidemark.yml:8:42: names that begin with _tidemark are Tidemark's own",
                "m: {document: public.orders, constants: {_tidemark: 1}, to: {search: i}} | tidemark.yml:8:44: names that begin with _tidemark are Tidemark's own",
                "m: {document: public.orders, constants: {total: 1}, to: {search: i}} | tidemark.yml:8:44: 'total' is already a field of public.orders; rename it, or list fields without it",
                "m: {document: public.orders, constants: {l: 1}, many: {l: {table: public.lines}}, to: {search: i}} | tidemark.yml:8:58: 'l' is already a constant of public.orders",
                "m: {document: public.orders, to: {dw: {table: s.o, columns: [totl]}}} | tidemark.yml:8:64: the document has no entry 'totl'; did you mean 'total'?",
                "m: {document: public.orders, to: {dw: {table: s.o, columns: [total, id]}}} | tidemark.yml:8:71: the table has a column 'id' already, of the key",
                "m: {document: public.orders, fields: {document: total}, to: {dw: {table: s.o, columns: document}}} | tidemark.yml:8:90: the table has a column 'document' already, for the whole document",
                "m: {document: public.lines, to: {cache: 'l:{order_id}'}} | the key 'l:{order_id}' lacks {line_no} of the primary key of public.lines",
                "m: {document: public.lines, to: {cache: 'l:{order_id}:{line_nr}'}} | '{line_nr}' is no column of the primary key of public.lines; did you mean 'line_no'?",
                "m: {document: public.orders, where: 'totl > 1', to: {search: i}} | tidemark.yml:8:39: where: table public.orders has no column 'totl'; did you mean 'total'?",
                "m: {document: public.orders, many: {l: {table: public.lines, where: 'sku < 5'}}, to: {search: i}} | tidemark.yml:8:71: where: column 'sku' is character varying(9), whose order depends on the column's collation",
                "m: {document: public.orders, one: {c: {table: public.customers, by: customer, where: name}}, to: {search: i}} | tidemark.yml:8:88: where: column 'name' is text, and only a boolean column is a condition by itself",
                "m: {mirror: [public.odrers], to: {dw: s}}     | tidemark.yml:8:16: 'public.odrers' matches no table of the source; did you mean 'public.orders'?",
                "m: {mirror: ['audit.*'], to: {dw: s}}         | tidemark.yml:8:16: 'audit.*' matches no captured table; add audit.log to source.tables",
            })
    void what_does_not_fit_the_source_is_said_with_its_place(String model, String message) {
        assertThatThrownBy(() -> resolve(model)).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "public.custmers.name: drop | the source has no table 'public.custmers' with a primary key; did you mean 'public.customers'?",
                "audit.log.id: drop | table 'audit.log' is not captured",
                "public.customers.nam: drop | table public.customers has no column 'nam'; did you mean 'name'?",
                "public.lines.line_no: {hash: a-key-of-sixteen} | column 'line_no' of public.lines is in the primary key",
                "public.orders.total: mask | column 'total' of public.orders is numeric(12,2), and only text can be masked",
                "public.customers.name: drop | 8:90: column 'name' of public.customers is dropped by source.columns",
                "public.orders.customer: {hash: a-key-of-sixteen} | 8:71: column 'customer' of public.orders is hashed or masked by source.columns",
                "public.lines.sku: mask | column 'sku' of public.lines is hashed or masked by source.columns, so rows can be neither joined nor ordered by it",
            })
    void a_rule_for_a_column_fits_the_source_and_the_read_models(String rule, String message) {
        String models =
                "m: {document: public.orders, one: {c: {table: public.customers, by: customer, fields: [name]}},"
                        + " many: {l: {table: public.lines, order-by: sku}}, to: {search: i}}";
        String text = Parsing.withModels(models).replace("user: tidemark,", "user: tidemark, columns: {" + rule + "},");
        assertThatThrownBy(() -> DefinitionResolver.resolve(Parsing.parse(text), CATALOGUE))
                .hasMessageContaining(message)
                .extracting(Throwable::getMessage)
                .asString()
                .hasLineCount(1);
    }

    @Test
    void read_models_see_tables_as_the_topics_have_them() {
        String text = Parsing.withModels("m: {document: public.customers, to: {search: i}}")
                .replace(
                        "user: tidemark,",
                        "user: tidemark, columns: {public.customers.name: drop, public.customers.manager: {hash: a-key-of-sixteen}},");
        DocumentNode root = ((DocumentModel) DefinitionResolver.resolve(Parsing.parse(text), CATALOGUE)
                        .get(0))
                .root();
        assertThat(root.fields()).extracting(Field::column).containsExactly("id", "manager", "code", "extra");
        assertThat(root.relation().column("manager").orElseThrow().type()).isEqualTo("text");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "drop                     | is dropped by source.columns",
                "mask                     | is hashed or masked by source.columns, so rows cannot be filtered by it",
                "{hash: a-key-of-sixteen} | is hashed or masked by source.columns, so rows cannot be filtered by it",
            })
    void rows_are_not_filtered_by_what_the_topics_do_not_hold(String rule, String message) {
        String text = Parsing.withModels(
                        "m: {document: public.lines, fields: [order_id], where: sku is null, to: {search: i}}")
                .replace("user: tidemark,", "user: tidemark, columns: {public.lines.sku: " + rule + "},");
        assertThatThrownBy(() -> DefinitionResolver.resolve(Parsing.parse(text), CATALOGUE))
                .hasMessage("tidemark.yml:8:58: where: column 'sku' of public.lines " + message);
    }

    @Test
    void every_node_has_its_own_filter_and_every_row_without_one() {
        DocumentNode root = root("""
                m:
                  document: public.orders
                  where: total > 1.50
                  one: {c: {table: public.customers, by: customer, where: "name = 'x'"}}
                  many: {lines: {table: public.lines, many: {notes: {table: public.notes, where: ord is null}}}}
                  to: {search: i}
                """);
        assertThat(root.where().sql("t")).isEqualTo("(t.\"total\" > 1.50)");
        assertThat(root.references().get(0).node().where().sql("t")).isEqualTo("(t.\"name\" = 'x')");
        DocumentNode lines = root.children().get(0).node();
        assertThat(lines.where().isEveryRow()).isTrue();
        assertThat(lines.children().get(0).node().where().sql("t")).isEqualTo("(t.\"ord\" IS NULL)");
    }

    @Test
    void what_the_source_says_against_a_filter_is_said_with_its_place() {
        String model = "m: {document: public.orders, where: total > 1, to: {search: i}}";
        FilterTrial trial = (table, filter) -> Optional.of("of " + table + ": " + filter.sql("t"));
        assertThatThrownBy(() -> DefinitionResolver.resolve(
                        Parsing.parse(Parsing.withModels(model)), CATALOGUE, trial, KeyTrial.NONE))
                .hasMessage("tidemark.yml:8:39: where: of public.orders: (t.\"total\" > 1)");
    }

    private static final List<Relation> WITH_KEYS = List.of(new Relation(
            new TableId("public", "items"),
            List.of(
                    new Column("id", "integer", 23, false),
                    new Column("tenant", "uuid", 0, false),
                    new Column("number", "numeric(9,0)", 0, false),
                    new Column("label", "text", 25, true),
                    new Column("spot", "point", 600, false),
                    new Column("secret", "text", 25, false)),
            List.of("id"),
            List.of(),
            1));

    private static DocumentModel items(String model, KeyTrial trial) {
        String text = Parsing.withModels("m: {document: public.items, " + model + "}")
                .replace("user: tidemark,", "user: tidemark, columns: {public.items.secret: mask},");
        return (DocumentModel) DefinitionResolver.resolve(Parsing.parse(text), WITH_KEYS, FilterTrial.NONE, trial)
                .get(0);
    }

    @Test
    void documents_are_told_apart_by_the_primary_key_or_by_the_columns_the_file_says() {
        DocumentModel plain = items("to: {cache: 'i:{id}', dw: w.items}", KeyTrial.NONE);
        assertThat(plain.key()).containsExactly("id");
        assertThat(plain.hasOwnKey()).isFalse();
        DocumentModel keyed =
                items("key: [tenant, number], to: {cache: 'i:{number}:{tenant}', dw: w.items}", KeyTrial.NONE);
        assertThat(keyed.key()).containsExactly("tenant", "number");
        assertThat(keyed.hasOwnKey()).isTrue();
        assertThat(keyed.keyed().primaryKey()).containsExactly("tenant", "number");
        assertThat(items("key: id, to: {search: i}", KeyTrial.NONE).hasOwnKey()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "key: numbr, to: {search: i} | 8:36: table public.items has no column 'numbr'; did you mean 'number'?",
                "key: [number, label], to: {search: i} | 8:45: column 'label' of public.items may be NULL, so a row could"
                        + " have no key; make it NOT NULL",
                "key: spot, to: {search: i} | 8:36: column 'spot' of public.items is point; a key is made of integers",
                "key: secret, to: {search: i} | 8:36: column 'secret' of public.items is hashed or masked by"
                        + " source.columns, so it can be in no key",
                "key: [number, number], to: {search: i} | 8:45: read-models.m.key: 'number' is listed twice",
                "key: [], to: {search: i} | 8:36: read-models.m.key: expected at least one entry",
                "key: number, to: {cache: 'i:{id}'} | '{id}' is no column of the 'key' of public.items",
                "key: [tenant, number], to: {cache: 'i:{number}'} | the key 'i:{number}' lacks {tenant} of the 'key' of"
                        + " public.items",
                "key: number, to: {dw: {table: w.i, columns: [number]}} | the table has a column 'number' already, of the"
                        + " key",
            })
    void a_key_that_does_not_fit_is_refused_with_its_place(String model, String message) {
        assertThatThrownBy(() -> items(model, KeyTrial.NONE)).hasMessageContaining(message);
    }

    @Test
    void what_the_source_says_against_a_key_is_said_with_its_place_and_a_primary_key_needs_nothing_said() {
        KeyTrial trial = (table, columns) -> Optional.of(table + " " + columns);
        assertThatThrownBy(() -> items("key: [number, tenant], to: {search: i}", trial))
                .hasMessage("tidemark.yml:8:37: key: public.items [number, tenant]");
        assertThat(items("key: id, to: {search: i}", trial).key()).containsExactly("id");
    }

    @Test
    void a_source_pattern_that_captures_nothing_is_an_error() {
        String text = Parsing.SHORT.replace("[public.*]", "[public.*, public.ordres]");
        assertThatThrownBy(() -> DefinitionResolver.resolve(Parsing.parse(text), CATALOGUE))
                .hasMessage("tidemark.yml:1:91: 'public.ordres' matches no table of the source;"
                        + " did you mean 'public.orders'?");
    }

    @Test
    void problems_of_several_models_are_reported_together() {
        assertThatThrownBy(() -> resolve("""
                        b: {document: public.x, to: {search: b}}
                        a: {document: public.y, to: {search: a}}
                        """))
                .hasMessageContaining("'public.x'")
                .hasMessageContaining("'public.y'");
    }
}
