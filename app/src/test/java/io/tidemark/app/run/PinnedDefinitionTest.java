package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.DefinitionResolver;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.Column;
import io.tidemark.model.ForeignKey;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.ReadModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinnedDefinitionTest {

    private static final TableId ORDERS = new TableId("public", "orders");
    private static final TableId CUSTOMERS = new TableId("public", "customers");
    private static final ForeignKey TO_CUSTOMERS = new ForeignKey(List.of("customer"), CUSTOMERS, List.of("id"));

    /** As the source was when a generation was begun. */
    private static final List<Relation> THEN = List.of(
            relation(CUSTOMERS, List.of(), "id", "name"), relation(ORDERS, List.of(TO_CUSTOMERS), "id", "customer"));

    /** Columns and tables came, and a foreign key went. */
    private static final List<Relation> NOW = List.of(
            relation(CUSTOMERS, List.of(), "id", "name", "tier"),
            relation(ORDERS, List.of(), "id", "customer", "payer", "total"),
            relation(new TableId("public", "returns"), List.of(), "id"));

    @TempDir
    private Path directory;

    private static Relation relation(TableId table, List<ForeignKey> foreignKeys, String... columns) {
        List<Column> all = new ArrayList<>();
        for (String name : columns) {
            all.add(new Column(name, "integer", 23, true));
        }
        return new Relation(table, all, List.of("id"), foreignKeys, 1);
    }

    private TidemarkConfig config(String model) throws IOException {
        return TidemarkConfig.load(Files.writeString(directory.resolve("tidemark.yml"), """
                source: {url: "jdbc:postgresql://localhost/shop", user: u, tables: [public.*]}
                kafka: {bootstrap.servers: "localhost:9092"}
                stores:
                  search: {elasticsearch: {url: "http://localhost:9200"}}
                  dw: {sql: {url: "jdbc:postgresql://localhost/dw", user: u}}
                read-models:
                  m:""" + " " + model + "\n"));
    }

    private static ReadModel resolve(TidemarkConfig config, List<Relation> source) {
        return DefinitionResolver.resolve(config, source).get(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{document: public.orders, one: {payer: {table: public.customers}}, to: {search: m}}",
                "{document: public.customers, many: {orders: {table: public.orders, order-by: [{id: desc}], limit: 3}}, to: {search: m}}",
                "{document: public.customers, many: {orders: {table: public.orders, list: false, aggregates: {n: count}}}, to: {search: m}}",
                "{document: public.orders, fields: [{number: id}], constants: {kind: \"1\", version: 1.50}, where: \"id <> 7\", to: {search: m}}",
                "{document: public.customers, many: {of: {table: public.orders, flatten: c, one: {c: {table: public.customers, fields: [name]}}}}, to: {search: m}}",
                "{mirror: [public.*], history: true, to: {dw: shop}}"
            })
    void a_pinned_definition_means_later_what_it_meant(String written) throws IOException {
        TidemarkConfig config = config(written);
        ReadModel then = resolve(config, THEN);
        ObjectNode pinned = PinnedDefinition.of(config.definitions().get("m"), then);

        TidemarkConfig later = config.withOnly("m@1", "m", Json.parseObject(Json.text(pinned)));

        assertThat(DefinitionDigest.of(resolve(later, NOW))).isEqualTo(DefinitionDigest.of(then));
        assertThat(later.readModels().get(0).targets())
                .extracting(target -> target.target().text())
                .isEqualTo(config.readModels().get(0).targets().stream()
                        .map(target -> target.target().text())
                        .toList());
    }

    @Test
    void what_is_written_like_a_reference_stays_as_it_is() throws IOException {
        TidemarkConfig config =
                config("{document: public.orders, fields: [id], constants: {price: \"$${amount}\"}, to: {search: m}}");
        ObjectNode pinned = PinnedDefinition.of(config.definitions().get("m"), resolve(config, THEN));
        assertThat(pinned.at("/constants/price").textValue()).isEqualTo("${amount}");
        TidemarkConfig later = config.withOnly("m@1", "m", pinned);
        assertThat(DefinitionDigest.of(resolve(later, NOW))).isEqualTo(DefinitionDigest.of(resolve(config, THEN)));
    }
}
