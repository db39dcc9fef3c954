package io.tidemark.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.config.ReadModelConfig.DocumentConfig;
import io.tidemark.app.config.ReadModelConfig.ListConfig;
import io.tidemark.app.config.ReadModelConfig.MirrorConfig;
import io.tidemark.app.config.ReadModelConfig.NodeConfig;
import io.tidemark.app.config.ReadModelConfig.RelatedConfig;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.ReadModelConfig.TargetOptions;
import io.tidemark.model.Json;
import io.tidemark.model.definition.Children;
import io.tidemark.stores.elasticsearch.IndexAdditions;
import io.tidemark.stores.redis.RedisTarget.Form;
import java.time.Duration;
import java.util.List;
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
        assertThat(((DocumentConfig) model("m: {document: public.orders, to: {search: i}}")).key())
                .isEmpty();
        assertThat(root.one()).isEmpty();
        assertThat(root.many()).isEmpty();
        assertThat(root.where()).isNull();
        RelatedConfig lines = ((DocumentConfig)
                        model("m: {document: a.b, many: {lines: {table: c.d}}, to: {search: i}}"))
                .root()
                .many()
                .get(0);
        assertThat(lines.by()).isEmpty();
        assertThat(lines.list()).isEqualTo(new ListConfig(List.of(), Children.ALL, true, List.of()));
    }

    @Test
    void every_key_of_a_document() {
        DocumentConfig document = (DocumentConfig) model("""
                order-search:
                  document: public.orders
                  key: [tenant, number]
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
        assertThat(document.key())
                .containsExactly(
                        new Mention("tenant", new Place("tidemark.yml", 10, 11)),
                        new Mention("number", new Place("tidemark.yml", 10, 19)));
        assertThat(document.targets())
                .extracting(target -> target.store() + "=" + target.target().text())
                .containsExactly("search=orders", "cache=order:{id}");
        NodeConfig root = document.root();
        assertThat(root.table().text()).isEqualTo("public.orders");
        assertThat(root.fields()).extracting(field -> field.name().text()).containsExactly("id", "status");
        assertThat(root.one().get(0).name().text()).isEqualTo("customer");
        assertThat(root.one().get(0).node().fields())
                .extracting(field -> field.name().text())
                .containsExactly("name");
        assertThat(root.where()).isEqualTo(new Mention("status <> 'draft'", new Place("tidemark.yml", 12, 12)));
        assertThat(root.one().get(0).node().where().text()).isEqualTo("active");
        RelatedConfig lines = root.many().get(0);
        assertThat(lines.node().where().text()).isEqualTo("quantity > 0");
        assertThat(lines.by()).extracting(Mention::text).containsExactly("order_id");
        assertThat(lines.list().orderBy())
                .extracting(order -> order.column().text())
                .containsExactly("line_no", "sku");
        assertThat(lines.node().one().get(0).node().table().text()).isEqualTo("public.products");
        assertThat(lines.node().many().get(0).by()).extracting(Mention::text).containsExactly("a", "b");
    }

    @Test
    void fields_may_have_other_names_and_constants_keep_the_types_of_the_file() {
        NodeConfig root = ((DocumentConfig) model("""
                m:
                  document: a.b
                  fields: [id, {title: name, label: name}]
                  constants: {kind: order, number: 3, price: 1.50, yes: true, text: "3"}
                  to: {search: i}
                """)).root();
        assertThat(root.fields())
                .extracting(field -> field.name().text() + "=" + field.column().text())
                .containsExactly("id=id", "title=name", "label=name");
        assertThat(root.constants())
                .extracting(constant -> constant.constant().name() + "="
                        + Json.text(constant.constant().value()))
                .containsExactly("kind=\"order\"", "number=3", "price=1.50", "yes=true", "text=\"3\"");
        NodeConfig single = ((DocumentConfig) model("m: {document: a.b, fields: {x: y}, to: {search: i}}")).root();
        assertThat(single.fields())
                .singleElement()
                .satisfies(field -> assertThat(field.column().text()).isEqualTo("y"));
    }

    @Test
    void children_are_ordered_in_the_directions_sql_has_and_may_be_limited() {
        ListConfig list = ((DocumentConfig) model("""
                m:
                  document: a.b
                  many:
                    c:
                      table: c.d
                      order-by: [a, {b: desc}, {c: asc nulls first, d: nulls first}, {e: desc nulls last}]
                      limit: 3
                  to: {search: i}
                """)).root().many().get(0).list();
        assertThat(list.limit()).isEqualTo(3);
        assertThat(list.orderBy())
                .extracting(order -> order.column().text()
                        + (order.descending() ? " down" : "")
                        + (order.nullsFirst() ? " nulls" : ""))
                .containsExactly("a", "b down nulls", "c nulls", "d nulls", "e down");
    }

    @Test
    void a_list_flattened_by_a_reference_has_no_fields_by_default() {
        RelatedConfig links = ((DocumentConfig) model("""
                m:
                  document: a.b
                  many: {tags: {table: a.c, one: {tag: {table: a.d}, by: {table: a.e}}, flatten: tag}}
                  to: {search: i}
                """)).root().many().get(0);
        assertThat(links.node().allFields()).isFalse();
        assertThat(links.node().one()).extracting(RelatedConfig::lifted).containsExactly(true, false);
        assertThat(links.node().one().get(0).node().allFields()).isTrue();
    }

    @Test
    void aggregates_stand_beside_a_list_or_instead_of_it() {
        List<RelatedConfig> many = ((DocumentConfig) model("""
                m:
                  document: a.b
                  many:
                    c: {table: c.d, aggregates: {n: count, sums: {sum: x}, named: {count: y}}}
                    d: {table: c.d, list: false, aggregates: {first: {min: x}, last: {max: x}, mean: {avg: x}}}
                  to: {search: i}
                """)).root().many();
        assertThat(many.get(0).list().listed()).isTrue();
        assertThat(many.get(0).node().allFields()).isTrue();
        assertThat(many.get(1).list().listed()).isFalse();
        assertThat(many.get(1).node().allFields()).isFalse();
        assertThat(many)
                .flatExtracting(related -> related.list().aggregates())
                .extracting(aggregate -> aggregate.name().text() + " " + aggregate.function() + " "
                        + (aggregate.column() == null ? "" : aggregate.column().text()))
                .containsExactly("n COUNT ", "sums SUM x", "named COUNT y", "first MIN x", "last MAX x", "mean AVG x");
    }

    @Test
    void every_key_of_a_mirror() {
        MirrorConfig mirror = (MirrorConfig) model("w: {mirror: [public.*, a.b], to: {dw: copy}}");
        assertThat(mirror.tables()).extracting(TablePattern::text).containsExactly("public.*", "a.b");
        assertThat(mirror.targets().get(0).target().text()).isEqualTo("copy");
        assertThat(mirror.history()).isFalse();
        assertThat(((MirrorConfig) model("w: {mirror: a.b, history: true, to: {dw: copy}}")).history())
                .isTrue();
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
                "m: {document: a.b, to: {dw: orders}}               | tidemark.yml:8:31: read-models.m.to.dw: expected a table with its schema, such as reporting.orders, found 'orders'",
                "m: {document: a.b, to: {dw: pg_x.orders}}          | a schema name of at most 63 bytes that does not begin with pg_, found 'pg_x'",
                "m: {document: a.b, to: {dw: s._tidemark_x}}        | a table name of at most 63 bytes that does not begin with _tidemark, found 's._tidemark_x'",
                "m: {document: a.b, to: {dw: {table: s.o, colums: a}}} | tidemark.yml:8:44: unknown key 'colums' in read-models.m.to.dw; did you mean 'columns'?",
                "m: {document: a.b, to: {dw: {columns: [a]}}}       | missing key 'table' in read-models.m.to.dw",
                "m: {document: a.b, to: {dw: {table: s.o, columns: [a, b, a]}}} | tidemark.yml:8:60: read-models.m.to.dw.columns: 'a' is listed twice",
                "m: {document: a.b, to: {cache: {key: order}}}      | tidemark.yml:8:40: read-models.m.to.cache.key: expected a key such as order:{id}, found 'order'",
                "m: {document: a.b, to: {cache: {form: hash}}}      | missing key 'key' in read-models.m.to.cache",
                "m: {document: a.b, to: {cache: {key: 'o:{id}', from: hash}}} | tidemark.yml:8:50: unknown key 'from' in read-models.m.to.cache; did you mean 'form'?",
                "m: {document: a.b, to: {cache: {key: 'o:{id}', form: hsah}}} | tidemark.yml:8:56: read-models.m.to.cache.form: expected one of json, hash, invalidate, found 'hsah'; did you mean 'hash'?",
                "m: {document: a.b, to: {cache: {key: 'o:{id}', ttl: 0s}}} | tidemark.yml:8:55: read-models.m.to.cache.ttl: expected a duration such as 7d, 12h, 30m or 90s, found '0s'",
                "m: {document: a.b, to: {cache: {key: 'o:{id}', form: invalidate, ttl: 7d}}} | read-models.m.to.cache: 'ttl' is of no use with form: invalidate",
                "m: {document: a.b, to: {search: {table: s.o}}}     | unknown key 'table' in read-models.m.to.search",
                "m: {document: a.b, to: {search: {index: o, settings: {index: {gc_deletes: 1m}}}}} | tidemark.yml:8:65: read-models.m.to.search.settings.index: 'gc_deletes' cannot be set: it is how long deletes",
                "m: {document: a.b, to: {search: {index: o, settings: {blocks.write: true}}}} | 'blocks.write' cannot be set: nothing could be written",
                "m: {document: a.b, to: {search: {index: o, settings: 3}}} | read-models.m.to.search.settings: expected a mapping, found '3'",
                "m: {document: a.b, to: {search: {index: o, mapping: {_source: {enabled: false}}}}} | tidemark.yml:8:56: read-models.m.to.search.mapping: '_source' cannot be set",
                "m: {document: a.b, to: {search: {index: o, mapping: {propreties: {}}}}} | unknown key 'propreties' in read-models.m.to.search.mapping; did you mean 'properties'?",
                "m: {document: a.b, to: {search: {index: o, mapping: {properties: {_tidemark: {type: text}}}}}} | tidemark.yml:8:69: read-models.m.to.search.mapping: '_tidemark' cannot be set",
                "m: {mirror: [a.b], to: {dw: {table: s.o}}}         | read-models.m.to.dw: expected text, found a mapping",
                "m: {mirror: [a.b], to: {search: i}}                | a mirror is written to a sql store; 'search' is elasticsearch",
                "m: {mirror: [a.b], to: {dw: pg_x}}                 | a schema name of at most 63 bytes",
                "m: {document: a.b, fields: [], to: {search: i}}    | read-models.m.fields: expected at least one entry, or no such key, found a list",
                "m: {document: a.b, fields: [x, x], to: {search: i}} | 'x' is listed twice",
                "m: {document: a.b, fields: [x, {x: y}], to: {search: i}} | tidemark.yml:8:35: read-models.m.fields: 'x' is listed twice",
                "m: {document: a.b, fields: [{x: [y]}], to: {search: i}} | tidemark.yml:8:35: read-models.m.fields.x: expected text, found a list",
                "m: {document: a.b, fields: [[x]], to: {search: i}}  | tidemark.yml:8:31: read-models.m.fields: expected text or a mapping, found a list",
                "m: {document: a.b, constants: [x], to: {search: i}} | tidemark.yml:8:33: read-models.m.constants: expected a mapping, found a list",
                "m: {document: a.b, constants: {x: null}, to: {search: i}} | tidemark.yml:8:37: read-models.m.constants.x: expected text, true, false or a number without exponent, found nothing",
                "m: {document: a.b, constants: {x: .inf}, to: {search: i}} | tidemark.yml:8:37: read-models.m.constants.x: expected text, true, false or a number without exponent, found '.inf'",
                "m: {document: a.b, one: {_tidemark: {table: a.c}}, to: {search: i}} | names that begin with _tidemark are Tidemark's own",
                "m: {document: a.b, one: {c: {table: a.c, order-by: x}}, to: {search: i}} | unknown key 'order-by' in read-models.m.one.c",
                "m: {document: a.b, where: [x > 1], to: {search: i}} | read-models.m.where: expected text, found a list",
                "m: {mirror: [a.b], where: x > 1, to: {dw: s}}      | unknown key 'where' in read-models.m",
                "m: {document: a.b, history: true, to: {search: i}} | tidemark.yml:8:22: read-models.m: 'history' is kept of mirrors only: remove it, or mirror the tables",
                "m: {mirror: [a.b], history: yes, to: {dw: s}}      | tidemark.yml:8:31: read-models.m.history: expected true or false, found 'yes'",
                "m: {mirror: [a.b], history: true, to: {search: i}} | a mirror is written to a sql store; 'search' is elasticsearch",
                "m: {document: a.b, many: {c: {table: a.c, limit: 0}}, to: {search: i}} | tidemark.yml:8:52: read-models.m.many.c.limit: expected a whole number from 1 to 1000000, found '0'",
                "m: {document: a.b, many: {c: {table: a.c, list: no}}, to: {search: i}} | tidemark.yml:8:51: read-models.m.many.c.list: expected true or false, found 'no'",
                "m: {document: a.b, many: {c: {table: a.c, list: false}}, to: {search: i}} | tidemark.yml:8:29: read-models.m.many.c: list: false leaves nothing without aggregates",
                "m: {document: a.b, many: {c: {table: a.c, limit: 3, list: false, aggregates: {n: count}}}, to: {search: i}} | tidemark.yml:8:45: read-models.m.many.c: 'limit' is of no use with list: false",
                "m: {document: a.b, many: {c: {table: a.c, aggregates: {n: sum}}}, to: {search: i}} | tidemark.yml:8:61: read-models.m.many.c.aggregates.n: expected count or one such as {sum: price}, found 'sum'",
                "m: {document: a.b, many: {c: {table: a.c, aggregates: {n: {sun: x}}}}, to: {search: i}} | tidemark.yml:8:62: unknown key 'sun' in read-models.m.many.c.aggregates.n; did you mean 'sum'?",
                "m: {document: a.b, many: {c: {table: a.c, aggregates: {n: {sum: x, max: x}}}}, to: {search: i}} | tidemark.yml:8:58: read-models.m.many.c.aggregates.n: expected one function with its column, such as {sum: price}",
                "m: {document: a.b, one: {c: {table: a.c, aggregates: {n: count}}}, to: {search: i}} | unknown key 'aggregates' in read-models.m.one.c",
                "m: {document: a.b, limit: 3, to: {search: i}} | tidemark.yml:8:22: unknown key 'limit' in read-models.m",
                "m: {document: a.b, many: {c: {table: a.c, order-by: [x, {x: desc}]}}, to: {search: i}} | tidemark.yml:8:60: read-models.m.many.c.order-by: 'x' is listed twice",
                "m: {document: a.b, many: {c: {table: a.c, order-by: {x: down}}}, to: {search: i}} | tidemark.yml:8:59: read-models.m.many.c.order-by.x: expected asc or desc, then nulls first or nulls last, or one of both, found 'down'",
                "m: {document: a.b, many: {c: {table: a.c, order-by: {x: ascnulls first}}}, to: {search: i}} | found 'ascnulls first'",
                "m: {document: a.b, flatten: x, to: {search: i}}    | unknown key 'flatten' in read-models.m",
                "m: {document: a.b, many: {c: {table: a.c, flatten: tga, one: {tag: {table: a.d}}}}, to: {search: i}} | tidemark.yml:8:54: read-models.m.many.c.flatten: there is no 'tga' in read-models.m.many.c.one; did you mean 'tag'?",
                "m: {document: a.b, many: {c: {table: a.c, flatten: x, list: false, aggregates: {n: count}}}, to: {search: i}} | 'flatten' is of no use with list: false",
            })
    void what_is_wrong_is_said(String model, String message) {
        assertThatThrownBy(() -> model(model)).hasMessageContaining(message);
    }

    @Test
    void a_document_in_a_sql_store_is_a_table_and_may_have_columns() {
        Target plain = model("m: {document: a.b, to: {dw: reporting.orders}}")
                .targets()
                .get(0);
        assertThat(plain.target().text()).isEqualTo("reporting.orders");
        assertThat(plain.options()).isEqualTo(new TargetOptions.Columns(List.of()));
        Target typed = model("m: {document: a.b, to: {dw: {table: reporting.orders, columns: [status, total]}}}")
                .targets()
                .get(0);
        assertThat(typed.target().text()).isEqualTo("reporting.orders");
        assertThat(((TargetOptions.Columns) typed.options()).columns())
                .extracting(Mention::text)
                .containsExactly("status", "total");
    }

    @Test
    void a_document_in_redis_is_json_for_ever_unless_the_file_says_otherwise() {
        assertThat(stored("\"order:{id}\"")).isEqualTo(new TargetOptions.Stored(Form.JSON, null));
        assertThat(stored("{key: \"order:{id}\"}")).isEqualTo(new TargetOptions.Stored(Form.JSON, null));
        assertThat(stored("{key: \"order:{id}\", form: hash, ttl: 7d}"))
                .isEqualTo(new TargetOptions.Stored(Form.HASH, Duration.ofDays(7)));
        assertThat(stored("{key: \"order:{id}\", form: invalidate}"))
                .isEqualTo(new TargetOptions.Stored(Form.INVALIDATE, null));
    }

    @Test
    void an_index_may_have_settings_and_a_mapping_of_the_users() {
        Target search = model("""
                        m:
                          document: a.b
                          to:
                            search:
                              index: orders
                              settings: {number_of_shards: 3, index: {refresh_interval: 5s}, sparse: null}
                              mapping: {dynamic: false, properties: {price: {type: scaled_float, scaling_factor: 100.0}}}
                        """).targets().get(0);
        IndexAdditions additions = ((TargetOptions.Index) search.options()).additions();
        assertThat(search.target().text()).isEqualTo("orders");
        assertThat(additions.settings())
                .isEqualTo(Json.parse(
                        "{\"number_of_shards\": 3, \"index\": {\"refresh_interval\": \"5s\"}, \"sparse\": null}"));
        assertThat(additions.mapping())
                .isEqualTo(
                        Json.parse(
                                "{\"dynamic\": false, \"properties\": {\"price\": {\"type\": \"scaled_float\", \"scaling_factor\": 100.0}}}"));
    }

    private static TargetOptions stored(String target) {
        Target cache = model("m: {document: a.b, to: {cache: " + target + "}}")
                .targets()
                .get(0);
        assertThat(cache.target().text()).isEqualTo("order:{id}");
        return cache.options();
    }

    @Test
    void documents_and_a_mirror_cannot_share_a_schema() {
        assertThatThrownBy(() -> model("""
                        a: {document: a.b, to: {dw: reporting.orders}}
                        b: {document: a.c, to: {dw: reporting.others}}
                        w: {mirror: [public.*], to: {dw: reporting}}
                        """))
                .hasMessage("tidemark.yml:10:36: read-models.w.to.dw: schema 'reporting' is already written by read"
                        + " model 'a'; a mirror needs a schema for itself");
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
    void a_model_into_its_own_source_is_refused() {
        String document = Parsing.withModels("m: {document: public.orders, to: {dw: public.copies}}")
                .replace("jdbc:postgresql://localhost:5433/dw", "jdbc:postgresql://localhost:5432/shop");
        assertThatThrownBy(() -> Parsing.parse(document)).hasMessageContaining("is the source itself");
        String text = Parsing.withModels("m: {mirror: [public.*], to: {dw: public}}")
                .replace("jdbc:postgresql://localhost:5433/dw", "jdbc:postgresql://localhost:5432/shop");
        assertThatThrownBy(() -> Parsing.parse(text)).hasMessageContaining("is the source itself");
    }
}
