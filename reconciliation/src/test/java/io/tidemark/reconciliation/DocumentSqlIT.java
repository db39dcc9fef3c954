package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Aggregate.Function;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.Constant;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.definition.SortColumn;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The generated SQL, run by PostgreSQL, against documents written by hand. */
class DocumentSqlIT {

    private SourceDatabase source;

    @BeforeEach
    void freshDatabase() {
        source = SourceDatabase.fresh();
    }

    @Test
    void a_tree_of_tables_becomes_nested_documents_in_key_order() throws SQLException {
        source.autocommit(
                "CREATE TABLE customers(id int PRIMARY KEY, name text)",
                "CREATE TABLE products(id int PRIMARY KEY, name text)",
                "CREATE TABLE orders(id int PRIMARY KEY, customer_id int, total numeric(10,2))",
                "CREATE TABLE lines(id int PRIMARY KEY, order_id int, line_no int, product_id int, quantity int)",
                "INSERT INTO customers VALUES (1, 'Ada')",
                "INSERT INTO products VALUES (7, 'Tea')",
                "INSERT INTO orders VALUES (10, 1, 1.10), (2, NULL, NULL), (3, 99, 3)",
                "INSERT INTO lines VALUES (100, 10, 2, 7, 5), (101, 10, 1, 8, 6), (102, 10, NULL, NULL, 7),"
                        + " (103, 10, 1, 7, 8), (104, 3, 1, 7, 9)");
        DocumentNode product = leaf("products", "id", "name");
        DocumentNode lines = new DocumentNode(
                source.relation("public", "lines"),
                List.of("quantity"),
                List.of(new Reference("product", List.of("product_id"), product)),
                List.of());
        DocumentNode orders = new DocumentNode(
                source.relation("public", "orders"),
                List.of("id", "total"),
                List.of(new Reference("customer", List.of("customer_id"), leaf("customers", "name"))),
                List.of(new Children("lines", List.of("order_id"), List.of("line_no"), lines)));

        assertThat(documents(orders))
                .containsExactly(
                        json("{'id':2,'total':null,'customer':null,'lines':[]}"),
                        json("{'id':3,'total':3.00,'customer':null,'lines':["
                                + "{'quantity':9,'product':{'id':7,'name':'Tea'}}]}"),
                        json("{'id':10,'total':1.10,'customer':{'name':'Ada'},'lines':["
                                + "{'quantity':6,'product':null},"
                                + "{'quantity':8,'product':{'id':7,'name':'Tea'}},"
                                + "{'quantity':5,'product':{'id':7,'name':'Tea'}},"
                                + "{'quantity':7,'product':null}]}"));
    }

    @Test
    void children_are_ordered_by_code_point_nulls_last_with_the_key_as_tie_breaker() throws SQLException {
        source.autocommit(
                "CREATE COLLATION german (provider = icu, locale = 'de')",
                "CREATE TABLE parents(id int PRIMARY KEY)",
                "CREATE TABLE children(code text COLLATE german PRIMARY KEY, parent_id int, name text COLLATE german)",
                "INSERT INTO parents VALUES (1)",
                "INSERT INTO children VALUES ('b', 1, 'a'), ('B', 1, 'a'), ('c', 1, 'B'), ('d', 1, NULL),"
                        + " ('e', 1, 'ä'), ('f', 1, 'z'), ('g', 1, ''), ('h', 1, '\uFFFD'), ('i', 1, '\uD83C\uDF0A')");

        assertThat(childOrder("name", "code"))
                .containsExactly("\"g\"", "\"c\"", "\"B\"", "\"b\"", "\"f\"", "\"e\"", "\"h\"", "\"i\"", "\"d\"");
    }

    @Test
    void children_of_any_type_are_ordered_as_their_json_is() throws SQLException {
        source.autocommit(
                "CREATE TYPE size AS ENUM ('small', 'medium', 'large')",
                "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                "CREATE TABLE parents(id int PRIMARY KEY)",
                "CREATE TABLE children(id int PRIMARY KEY, parent_id int, size size, rank positive,"
                        + " price numeric, ok boolean, at timestamptz, code char(5))",
                "INSERT INTO parents VALUES (1)",
                "INSERT INTO children VALUES"
                        + " (1, 1, 'small', 10, 10.0, true, '2024-01-01 00:00:00.5+00', 'b'),"
                        + " (2, 1, 'medium', 9, 9.50, false, '2024-01-01 01:00:00+01', E'a\\t'),"
                        + " (3, 1, 'large', 100, 'NaN', NULL, '2023-12-31 23:30:00+00', 'a')");

        assertThat(childOrder("size", "id")).containsExactly("3", "2", "1");
        assertThat(childOrder("rank", "id")).containsExactly("2", "1", "3");
        assertThat(childOrder("price", "id")).containsExactly("2", "1", "3");
        assertThat(childOrder("ok", "id")).containsExactly("2", "1", "3");
        assertThat(childOrder("at", "id")).containsExactly("3", "2", "1");
        assertThat(childOrder("code", "id")).containsExactly("2", "3", "1");
    }

    @Test
    void children_are_ordered_in_any_direction_with_nulls_at_either_end_and_limited() throws SQLException {
        source.autocommit(
                "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                "CREATE TABLE parents(id int PRIMARY KEY)",
                "CREATE TABLE children(id int PRIMARY KEY, parent_id int, name text, rank positive, at timestamp)",
                "INSERT INTO parents VALUES (1), (2)",
                "INSERT INTO children VALUES (1, 1, 'a', 10, '0044-03-15 BC'), (2, 1, 'b', 9, '0045-01-01 BC'),"
                        + " (3, 1, NULL, NULL, NULL), (4, 1, 'B', 9, 'infinity'), (5, 1, 'b', 2, '10000-01-01'),"
                        + " (6, 1, 'b', 2, '2024-01-01')");

        assertThat(firstChildren(10, new SortColumn("name", true, true))).isEqualTo("3 2 5 6 1 4");
        assertThat(firstChildren(10, new SortColumn("name", false, true))).isEqualTo("3 4 1 2 5 6");
        assertThat(firstChildren(10, new SortColumn("rank", true, false))).isEqualTo("1 2 4 5 6 3");
        assertThat(firstChildren(10, new SortColumn("rank", true, true))).isEqualTo("3 1 2 4 5 6");
        assertThat(firstChildren(10, new SortColumn("rank", false, true), new SortColumn("id", true, true)))
                .isEqualTo("3 6 5 4 2 1");
        assertThat(firstChildren(10, SortColumn.ascending("at"))).isEqualTo("2 1 6 5 4 3");
        assertThat(firstChildren(3, new SortColumn("at", true, false))).isEqualTo("4 5 6");
        assertThat(firstChildren(Children.ALL, new SortColumn("at", true, false)))
                .isEqualTo("4 5 6 1 2 3");
    }

    private String firstChildren(int limit, SortColumn... orderBy) throws SQLException {
        Children all = new Children("all", List.of("parent_id"), List.of(orderBy), limit, leaf("children", "id"));
        DocumentNode parents =
                new DocumentNode(source.relation("public", "parents"), List.of(), List.of(), List.of(), List.of(all));
        List<ExpectedDocument> documents = read(parents);
        assertThat(documents.get(1).body().get("all")).isEmpty();
        return StreamSupport.stream(documents.get(0).body().get("all").spliterator(), false)
                .map(child -> child.get("id").asText())
                .collect(Collectors.joining(" "));
    }

    @Test
    void aggregates_are_those_of_sql_over_all_children_beside_the_list_or_instead_of_it() throws SQLException {
        source.autocommit(
                "CREATE TABLE parents(id int PRIMARY KEY)",
                "CREATE TABLE children(id int PRIMARY KEY, parent_id int, n int, price numeric, name text, at date)",
                "INSERT INTO parents VALUES (1), (2)",
                "INSERT INTO children VALUES (1, 1, 3, 1.50, 'b', '0044-03-15 BC'), (2, 1, 4, 2, 'B', '2024-01-01'),"
                        + " (3, 1, NULL, 1.5, 'é', NULL), (4, 1, 4, 2.00, NULL, 'infinity')");
        List<Aggregate> aggregates = List.of(
                new Aggregate("rows", Function.COUNT, null),
                new Aggregate("named", Function.COUNT, "name"),
                new Aggregate("n", Function.SUM, "n"),
                new Aggregate("n_avg", Function.AVG, "n"),
                new Aggregate("price", Function.SUM, "price"),
                new Aggregate("cheapest", Function.MIN, "price"),
                new Aggregate("dearest", Function.MAX, "price"),
                new Aggregate("first", Function.MIN, "name"),
                new Aggregate("last", Function.MAX, "name"),
                new Aggregate("since", Function.MIN, "at"),
                new Aggregate("until", Function.MAX, "at"));
        String first = "'rows':4,'named':3,'n':11,'n_avg':3.6666666666666667,'price':7.00,'cheapest':1.5,'dearest':2,"
                + "'first':'B','last':'é','since':'0044-03-15 BC','until':'infinity'";
        String second = "'rows':0,'named':0,'n':null,'n_avg':null,'price':null,'cheapest':null,'dearest':null,"
                + "'first':null,'last':null,'since':null,'until':null";

        assertThat(documents(parents(true, aggregates)))
                .containsExactly(json("{'all':[{'id':1}]," + first + "}"), json("{'all':[]," + second + "}"));
        assertThat(documents(parents(false, aggregates)))
                .containsExactly(json("{" + first + "}"), json("{" + second + "}"));
    }

    private DocumentNode parents(boolean listed, List<Aggregate> aggregates) throws SQLException {
        Children all =
                new Children("all", List.of("parent_id"), List.of(), 1, listed, aggregates, leaf("children", "id"));
        return new DocumentNode(source.relation("public", "parents"), List.of(), List.of(), List.of(), List.of(all));
    }

    @Test
    void a_flattened_list_has_the_rows_behind_the_links_and_no_link_that_leads_nowhere() throws SQLException {
        source.autocommit(
                "CREATE TABLE posts(id int PRIMARY KEY)",
                "CREATE TABLE tags(id int PRIMARY KEY, name text)",
                "CREATE TABLE links(id int PRIMARY KEY, post_id int, tag_id int, rank int)",
                "INSERT INTO posts VALUES (1), (2)",
                "INSERT INTO tags VALUES (7, 'x'), (8, NULL)",
                "INSERT INTO links VALUES (1, 1, 9, 0), (2, 1, 8, 1), (3, 1, 7, 2), (4, 1, NULL, 3), (5, 1, 8, 4)");
        Reference tag = new Reference("tag", List.of("tag_id"), true, leaf("tags", "name"));

        assertThat(documents(links(tag, 2, "rank")))
                .containsExactly(
                        json("{'tags':[{'rank':1,'name':null},{'rank':2,'name':'x'}],'n':3}"),
                        json("{'tags':[],'n':0}"));
        assertThat(documents(links(tag, Children.ALL)))
                .contains(json("{'tags':[{'name':null},{'name':'x'},{'name':null}],'n':3}"));
    }

    private DocumentNode links(Reference tag, int limit, String... fields) throws SQLException {
        DocumentNode links =
                new DocumentNode(source.relation("public", "links"), List.of(fields), List.of(tag), List.of());
        Aggregate count = new Aggregate("n", Function.COUNT, null);
        Children tags = new Children("tags", List.of("post_id"), List.of(), limit, true, List.of(count), links);
        return new DocumentNode(source.relation("public", "posts"), List.of(), List.of(), List.of(), List.of(tags));
    }

    @Test
    void composite_keys_join_by_all_their_columns() throws SQLException {
        source.autocommit(
                "CREATE TABLE shelves(b text, a int, label text, PRIMARY KEY (a, b))",
                "CREATE TABLE boxes(id int PRIMARY KEY, shelf_a int, shelf_b text)",
                "INSERT INTO shelves VALUES ('x', 1, 'one'), ('y', 1, 'two')",
                "INSERT INTO boxes VALUES (1, 1, 'y'), (2, 1, NULL), (3, 1, 'x'), (4, 1, 'y')");
        DocumentNode shelves = new DocumentNode(
                source.relation("public", "shelves"),
                List.of("label"),
                List.of(),
                List.of(new Children("boxes", List.of("shelf_a", "shelf_b"), List.of(), leaf("boxes", "id"))));
        DocumentNode boxes = new DocumentNode(
                source.relation("public", "boxes"),
                List.of("id"),
                List.of(new Reference("shelf", List.of("shelf_a", "shelf_b"), leaf("shelves", "label"))),
                List.of());

        assertThat(documents(shelves))
                .containsExactly(
                        json("{'label':'one','boxes':[{'id':3}]}"),
                        json("{'label':'two','boxes':[{'id':1},{'id':4}]}"));
        assertThat(documents(boxes)).contains(json("{'id':1,'shelf':{'label':'two'}}"), json("{'id':2,'shelf':null}"));
        assertThat(read(shelves)).extracting(ExpectedDocument::key).startsWith(new RowKey("{\"a\":1,\"b\":\"x\"}"));
    }

    @Test
    void fields_have_the_names_they_are_given_and_constants_their_types() throws SQLException {
        source.autocommit("CREATE TABLE a(id int PRIMARY KEY, name text)", "INSERT INTO a VALUES (1, 'x'), (2, NULL)");
        DocumentNode node = new DocumentNode(
                source.relation("public", "a"),
                List.of(new Field("title", "name"), new Field("id", "name"), new Field("name", "id")),
                List.of(
                        new Constant("it's", TextNode.valueOf("o'clock \\ \"")),
                        new Constant("price", DecimalNode.valueOf(new BigDecimal("1.50"))),
                        new Constant("yes", BooleanNode.TRUE)),
                List.of(),
                List.of());

        assertThat(documents(node))
                .containsExactly(
                        Json.text(sorted(Json.parse("{\"title\":\"x\",\"id\":\"x\",\"name\":1,"
                                + "\"it's\":\"o'clock \\\\ \\\"\",\"price\":1.50,\"yes\":true}"))),
                        Json.text(sorted(Json.parse("{\"title\":null,\"id\":null,\"name\":2,"
                                + "\"it's\":\"o'clock \\\\ \\\"\",\"price\":1.50,\"yes\":true}"))));
    }

    @Test
    void a_table_may_refer_to_itself_in_both_directions() throws SQLException {
        source.autocommit(
                "CREATE TABLE staff(id int PRIMARY KEY, boss_id int)",
                "INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 1), (4, 4)");
        DocumentNode staff = new DocumentNode(
                source.relation("public", "staff"),
                List.of("id"),
                List.of(new Reference("boss", List.of("boss_id"), leaf("staff", "id"))),
                List.of(new Children("reports", List.of("boss_id"), List.of(), leaf("staff", "id"))));

        assertThat(documents(staff))
                .containsExactly(
                        json("{'id':1,'boss':null,'reports':[{'id':2},{'id':3}]}"),
                        json("{'id':2,'boss':{'id':1},'reports':[]}"),
                        json("{'id':3,'boss':{'id':1},'reports':[]}"),
                        json("{'id':4,'boss':{'id':4},'reports':[{'id':4}]}"));
    }

    @Test
    void a_foreign_key_of_another_type_finds_its_row() throws SQLException {
        source.autocommit(
                "CREATE TABLE codes(code char(4) PRIMARY KEY, name text)",
                "CREATE TABLE amounts(amount numeric PRIMARY KEY)",
                "CREATE TABLE uses(id int PRIMARY KEY, code text, amount int)",
                "INSERT INTO codes VALUES ('ab', 'found')",
                "INSERT INTO amounts VALUES (7.00)",
                "INSERT INTO uses VALUES (1, 'ab', 7), (2, 'ab  ', 8)");
        DocumentNode uses = new DocumentNode(
                source.relation("public", "uses"),
                List.of("id"),
                List.of(
                        new Reference("code", List.of("code"), leaf("codes", "name")),
                        new Reference("amount", List.of("amount"), leaf("amounts", "amount"))),
                List.of());

        assertThat(documents(uses))
                .containsExactly(
                        json("{'id':1,'code':{'name':'found'},'amount':{'amount':7.00}}"),
                        json("{'id':2,'code':{'name':'found'},'amount':null}"));
    }

    @Test
    void a_table_wider_than_a_functions_arguments_comes_whole() throws SQLException {
        String columns = IntStream.range(0, 130).mapToObj(i -> "c" + i + " int").collect(Collectors.joining(", "));
        String values = IntStream.range(0, 130).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        source.autocommit(
                "CREATE TABLE wide(" + columns + ", PRIMARY KEY (c0))", "INSERT INTO wide VALUES (" + values + ")");
        ObjectNode expected = Json.object();
        IntStream.range(0, 130).forEach(i -> expected.put("c" + i, i));

        assertThat(read(rows("public", "wide"))).singleElement().satisfies(document -> assertThat(
                        Json.same(document.body(), expected))
                .isTrue());
    }

    @Test
    void a_partitioned_table_is_one_table() throws SQLException {
        source.autocommit(
                "CREATE TABLE events(id int PRIMARY KEY, name text) PARTITION BY RANGE (id)",
                "CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE events_high PARTITION OF events FOR VALUES FROM (10) TO (20)",
                "INSERT INTO events VALUES (11, 'b'), (1, 'a')");

        assertThat(documents(rows("public", "events")))
                .containsExactly(json("{'id':1,'name':'a'}"), json("{'id':11,'name':'b'}"));
    }

    @Test
    void odd_names_are_names() throws SQLException {
        source.autocommit(
                "CREATE SCHEMA \"sch\"\"ema.x\"",
                "CREATE TABLE \"sch\"\"ema.x\".\"Ta;ble ?\"(\"i\"\"d\" int PRIMARY KEY, \"it's\" text, \"größe 🌊\" int,"
                        + " \"a\\b ?\" int, \"select\" int)",
                "INSERT INTO \"sch\"\"ema.x\".\"Ta;ble ?\" VALUES (1, 'x?', 2, 3, 4)");
        Relation odd = source.relation("sch\"ema.x", "Ta;ble ?");
        DocumentNode node = new DocumentNode(
                odd,
                List.of("it's", "größe 🌊", "a\\b ?", "select"),
                List.of(new Reference("t0", List.of("i\"d"), rows("sch\"ema.x", "Ta;ble ?"))),
                List.of(new Children("q\"'", List.of("i\"d"), List.of("it's"), rows("sch\"ema.x", "Ta;ble ?"))));
        ObjectNode row = Json.object().put("i\"d", 1).put("it's", "x?").put("größe 🌊", 2);
        row.put("a\\b ?", 3).put("select", 4);
        ObjectNode expected = Json.object()
                .put("it's", "x?")
                .put("größe 🌊", 2)
                .put("a\\b ?", 3)
                .put("select", 4);
        expected.set("t0", row);
        expected.putArray("q\"'").add(row);

        assertThat(documents(node)).containsExactly(Json.text(sorted(expected)));
    }

    @Test
    void values_are_printed_as_to_jsonb_prints_the_row_without_generated_columns() throws SQLException {
        source.autocommit(
                "ALTER ROLE CURRENT_USER IN DATABASE " + databaseName() + " SET TimeZone = 'Asia/Kolkata'",
                "ALTER ROLE CURRENT_USER IN DATABASE " + databaseName() + " SET bytea_output = 'escape'",
                "ALTER ROLE CURRENT_USER IN DATABASE " + databaseName() + " SET IntervalStyle = 'iso_8601'",
                "CREATE TYPE pair AS (x int, y text)",
                "CREATE TABLE types(id bigint PRIMARY KEY, n numeric, at timestamptz, t timestamp, d date, f float8,"
                        + " r real, b bytea, i interval, j json, jb jsonb, a int[], p pair, u uuid, ok boolean,"
                        + " c char(3), twice bigint GENERATED ALWAYS AS (id * 2) STORED)",
                "INSERT INTO types VALUES (9007199254740993, 1.10, '2024-02-29 23:59:59.123456+05:30',"
                        + " '2024-01-01', '0044-03-15 BC', 0.1::float8 + 0.2, 0.1, '\\x00ff', '1 day 02:00',"
                        + " '{\"k\": 1.0}', '{\"k\": [1, null]}', '{1,NULL}', (1, 'a'),"
                        + " '00000000-0000-0000-0000-0000000000AB', true, 'a')");

        assertThat(documents(rows("public", "types")))
                .containsExactly(json("{'id':9007199254740993,'n':1.10,'at':'2024-02-29T18:29:59.123456+00:00',"
                        + "'t':'2024-01-01T00:00:00','d':'0044-03-15 BC','f':0.30000000000000004,'r':0.1,"
                        + "'b':'\\\\x00ff','i':'1 day 02:00:00','j':{'k':1.0},'jb':{'k':[1,null]},'a':[1,null],"
                        + "'p':{'x':1,'y':'a'},'u':'00000000-0000-0000-0000-0000000000ab','ok':true,'c':'a  '}"));
    }

    @Test
    void times_are_in_utc_wherever_this_jvm_is() throws SQLException {
        source.autocommit(
                "CREATE TABLE times(id int PRIMARY KEY, at timestamptz)",
                "INSERT INTO times VALUES (1, '2024-01-01 00:00+00')");
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
        try {
            assertThat(documents(rows("public", "times")))
                    .containsExactly(json("{'id':1,'at':'2024-01-01T00:00:00+00:00'}"));
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void asking_by_key_gives_those_the_source_has_whatever_the_keys_type() throws SQLException {
        source.autocommit(
                "CREATE TYPE size AS ENUM ('small', 'large')",
                "CREATE TABLE keyed(n numeric(6,2), c char(4), s size, at timestamptz, v varchar(3), x int,"
                        + " PRIMARY KEY (n, c, s, at, v))",
                "INSERT INTO keyed VALUES (1.50, 'ab', 'large', '2024-01-01 10:00+02', 'abc', 1),"
                        + " (2, 'cd', 'small', '2024-01-01', 'abc', 2)");
        RowKey first = new RowKey(
                "{\"n\":1.5,\"c\":\"ab\",\"s\":\"large\",\"at\":\"2024-01-01T08:00:00+00:00\",\"v\":\"abc\"}");
        RowKey tooPrecise = new RowKey(
                "{\"n\":1.501,\"c\":\"ab\",\"s\":\"large\",\"at\":\"2024-01-01T08:00:00+00:00\",\"v\":\"abc\"}");
        RowKey tooLong = new RowKey(
                "{\"n\":1.5,\"c\":\"abcdef\",\"s\":\"large\",\"at\":\"2024-01-01T08:00:00+00:00\",\"v\":\"abcd\"}");
        RowKey notOfTheType = new RowKey("{\"n\":\"one\",\"c\":1,\"s\":\"huge\",\"at\":\"never\",\"v\":{}}");
        RowKey otherColumns = new RowKey("{\"id\":1}");
        List<RowKey> asked = List.of(tooPrecise, notOfTheType, first, tooLong, otherColumns);

        try (SourceSnapshot snapshot = snapshot(rows("public", "keyed"))) {
            ExpectedDocuments documents = snapshot.documents(collection(rows("public", "keyed")));

            assertThat(documents.present(asked)).containsExactly(first);
            assertThat(documents.of(asked)).containsOnlyKeys(first);
            assertThat(documents.of(asked).get(first).body().get("x").intValue())
                    .isEqualTo(1);
        }
    }

    private List<String> childOrder(String orderBy, String shown) throws SQLException {
        DocumentNode parents = new DocumentNode(
                source.relation("public", "parents"),
                List.of(),
                List.of(),
                List.of(new Children("all", List.of("parent_id"), List.of(orderBy), leaf("children", shown))));
        List<String> order = new ArrayList<>();
        read(parents).get(0).body().get("all").forEach(child -> order.add(Json.text(child.get(shown))));
        return order;
    }

    private DocumentNode leaf(String table, String... fields) throws SQLException {
        return new DocumentNode(source.relation("public", table), List.of(fields), List.of(), List.of());
    }

    private DocumentNode rows(String schema, String table) throws SQLException {
        return ComparedCollection.rowsOf(source.relation(schema, table)).root();
    }

    private String databaseName() {
        return source.settings().jdbcUrl().replaceAll(".*/", "");
    }

    /** The documents with fields in one order, so that failures are readable; numbers keep their scale as text. */
    private List<String> documents(DocumentNode root) {
        return read(root).stream()
                .map(document -> Json.text(sorted(document.body())))
                .toList();
    }

    private List<ExpectedDocument> read(DocumentNode root) {
        List<ExpectedDocument> all = new ArrayList<>();
        try (SourceSnapshot snapshot = snapshot(root)) {
            snapshot.documents(collection(root)).stream(2, all::addAll);
        }
        return all;
    }

    private SourceSnapshot snapshot(DocumentNode root) {
        ComparedModel model = new ComparedModel("m", List.of(collection(root)));
        return SourceSnapshot.open(source.settings(), model.tables(), Duration.ofSeconds(10));
    }

    private static ComparedCollection collection(DocumentNode root) {
        return new ComparedCollection("c", root);
    }

    private static String json(String singleQuoted) {
        return Json.text(sorted(Json.parse(singleQuoted.replace('\'', '"'))));
    }

    private static JsonNode sorted(JsonNode node) {
        return SortedJson.of(node);
    }
}
