package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.ReadModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's shop with a filter on every node of the tree: rows that start and stop to satisfy them. */
class FilteredDocumentsIT {

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "shop", FilteredDocumentsIT::withFilters);
        slice.seedShop(3, 40, 20, 200);
        slice.execute("UPDATE orders SET status = 'paid', customer_id = 1 WHERE id = 5");
        slice.execute("UPDATE customers SET tier = 'gold' WHERE id = 1");
        slice.execute("DELETE FROM order_lines WHERE order_id = 5; DELETE FROM payments WHERE order_id = 5");
        slice.execute("UPDATE products SET price = 10 WHERE id = 1");
        slice.execute("INSERT INTO order_lines VALUES (5, 1, 1, 2, 10), (5, 2, 2, 1, 10), (5, 3, 1, 3, 10)");
        slice.execute("INSERT INTO payments VALUES (77001, 5, 1, 'card', '2024-01-01 00:00Z')");
    }

    private static String withFilters(String example) {
        return example.replace(
                        "    to: {search: orders", "    where: \"status <> 'cancelled'\"\n    to: {search: orders")
                .replace("by: customer_id,", "by: customer_id, where: \"tier in ('silver', 'gold')\",")
                .replace("        order-by: line_no", "        order-by: line_no\n        where: quantity > 1")
                .replace("by: product_id,", "by: product_id, where: not price >= 100,")
                .replace(
                        "        order-by: [paid_at, id]",
                        "        order-by: [paid_at, id]\n        where: method like 'c%' and paid_at < 'infinity'");
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void documents_children_and_references_come_and_go_with_what_their_filters_say() throws Exception {
        slice.start();
        slice.awaitEverything();
        assertThat(order()).hasValueSatisfying(order -> {
            assertThat(lines(order)).containsExactly(1, 3);
            assertThat(order.get("customer").get("tier").textValue()).isEqualTo("gold");
            assertThat(order.get("lines").get(0).get("product").isNull()).isFalse();
            assertThat(order.get("payments")).hasSize(1);
        });

        slice.execute("UPDATE order_lines SET quantity = 4 - quantity WHERE order_id = 5");
        slice.execute("UPDATE customers SET tier = 'basic' WHERE id = 1");
        slice.execute("UPDATE products SET price = 100 WHERE id = 2");
        slice.execute("UPDATE payments SET paid_at = 'infinity' WHERE id = 77001");
        slice.awaitEverything();
        assertThat(order()).hasValueSatisfying(order -> {
            assertThat(lines(order)).as("2, 3 and 1 of them became 2, 3 and 1").containsExactly(1, 2);
            assertThat(order.get("customer").isNull()).isTrue();
            assertThat(order.get("lines").get(0).get("product").isNull()).isFalse();
            assertThat(order.get("lines").get(1).get("product").isNull()).isTrue();
            assertThat(order.get("payments")).isEmpty();
        });

        slice.execute("UPDATE orders SET status = 'cancelled' WHERE id = 5");
        slice.awaitEverything();
        assertThat(order()).isEmpty();

        // What happens to a row nobody sees is there when it comes back.
        slice.execute("UPDATE order_lines SET quantity = 9 WHERE order_id = 5 AND line_no = 3");
        slice.execute(
                "UPDATE orders SET customer_id = 2 WHERE id = 5; UPDATE customers SET tier = 'silver' WHERE id = 2");
        slice.execute("UPDATE products SET price = 99.99 WHERE id = 2");
        slice.awaitEverything();
        assertThat(order()).isEmpty();
        slice.execute("UPDATE orders SET status = 'paid' WHERE id = 5");
        slice.awaitEverything();
        assertThat(order()).hasValueSatisfying(order -> {
            assertThat(lines(order)).containsExactly(1, 2, 3);
            assertThat(order.get("customer").get("id").intValue()).isEqualTo(2);
            assertThat(order.get("lines").get(1).get("product").isNull()).isFalse();
        });
        slice.assertNoDrift(3);
    }

    @Test
    void documents_equal_the_sql_of_their_definition_through_traffic_a_truncate_and_a_restart() throws Exception {
        slice.start();
        new ShopTraffic(slice::source).run(ShopTraffic.Plan.of(3, 200), commit -> {});
        slice.execute("UPDATE order_lines SET quantity = 1 + (order_id + line_no) % 2");
        slice.execute("UPDATE customers SET tier = CASE tier WHEN 'basic' THEN 'gold' ELSE 'basic' END");
        slice.execute(
                "UPDATE orders SET status = CASE status WHEN 'cancelled' THEN 'new' ELSE 'cancelled' END WHERE id % 2 = 0");
        slice.awaitEverything();
        slice.assertNoDrift(3);
        slice.stop();
        slice.execute("UPDATE products SET price = CASE WHEN price < 100 THEN 100 ELSE 1 END");
        slice.execute(
                "UPDATE orders SET status = CASE status WHEN 'cancelled' THEN 'new' ELSE 'cancelled' END WHERE id % 3 = 0");
        slice.execute("TRUNCATE payments");
        slice.start();
        slice.awaitEverything();
        slice.assertNoDrift(3);
    }

    @Test
    void a_filter_the_source_does_not_take_as_meant_is_refused_with_its_place() throws Exception {
        slice.execute("CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        slice.execute("ALTER TABLE orders ALTER COLUMN status TYPE text COLLATE any_case");
        Path file = directory.resolve("refused.yml");
        Files.writeString(
                file,
                Files.readString(slice.configFile())
                        .replace("paid_at < 'infinity'", "paid_at < '294276-12-31 23:59:59-08'"));

        assertThatThrownBy(() -> PlanReader.read(TidemarkConfig.load(file)))
                .hasMessageContaining(":37:12: where: column 'status' has the collation 'any_case', by which different")
                .hasMessageContaining(":35:16: where: the source refuses the filter: ")
                .hasMessageContaining("out of range");
    }

    @Test
    void another_filter_is_another_definition() throws Exception {
        ReadModel filtered = slice.plan().model(slice.model("order-search"));
        try (Slice plain = new Slice(directory, "shop");
                Connection connection = plain.source()) {
            ShopSchema.create(connection);
            ReadModel whole = plain.plan().model(plain.model("order-search"));

            assertThat(DefinitionDigest.of(filtered)).isNotEqualTo(DefinitionDigest.of(whole));
        }
    }

    private static List<Integer> lines(ObjectNode order) {
        List<Integer> numbers = new ArrayList<>();
        order.get("lines").forEach(line -> numbers.add(line.get("line_no").intValue()));
        return numbers;
    }

    /** Order 5 as both of its stores have it. */
    private Optional<ObjectNode> order() {
        RowKey key = new RowKey("{\"id\":5}");
        Optional<ObjectNode> found = slice.document("order-search", "search", key);
        assertThat(slice.document("order-search", "cache", key)).isEqualTo(found);
        return found;
    }
}
