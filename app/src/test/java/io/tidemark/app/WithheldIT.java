package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.run.Slice;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A document that is too large to be sent: parked in every store until it is smaller, gone, or allowed. */
@Timeout(180)
class WithheldIT {

    private static final RowKey LARGE = new RowKey("{\"id\":1}");
    private static final RowKey OTHER = new RowKey("{\"id\":2}");

    @TempDir
    private Path directory;

    private Slice slice;
    private Commands commands;
    private String model;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "large", Path.of("src", "test", "resources", "large", "tidemark.yml"));
        commands = new Commands(slice);
        model = slice.model("customers");
        slice.seedShop(5, 6, 5, 20);
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    /** The order's object alone, which is sent to its customer, is larger than Kafka takes unless it is told otherwise. */
    @Test
    void it_is_parked_while_all_else_goes_on_and_written_as_soon_as_it_is_smaller() throws Exception {
        slice.start();
        slice.awaitEverything();
        orderProducts(400_000);
        slice.execute("UPDATE customers SET name = 'changed' WHERE id IN (1, 2)");
        slice.awaitEverything();

        assertThat(commands.run("parked", "list")).isZero();
        assertThat(commands.out())
                .contains(model + " in cache {\"id\":1} at position ", ", not sent: the assembled document has 1,2")
                .contains("and max-document-bytes of the read model is 1,000,000")
                .hasLineCount(3);
        assertThat(commands.run("status")).as(commands.err()).isZero();
        assertThat(commands.out()).contains(", 1 parked ('tidemark parked' lists them)");
        assertThat(name("cache", OTHER)).isEqualTo("changed");
        assertThat(name("cache", LARGE)).as("as it was before").isNotEqualTo("changed");
        assertOnlyParkedDrifts();
        assertThat(commands.run("parked", "retry", model, "1", "--store", "cache"))
                .isEqualTo(1);
        assertThat(commands.err()).contains("cache cannot be given {\"id\":1}, which was never sent: the assembled");
        assertThat(commands.run("parked", "show", model, "1", "--store", "dw", "--json"))
                .isZero();
        assertThat(Json.parse(commands.out()).get("withheld").booleanValue()).isTrue();

        slice.stop();
        slice.start();
        slice.execute("UPDATE products SET name = 'short' WHERE id > 900");
        slice.awaitEverything();
        assertNothingParked();
        assertThat(name("dw", LARGE)).isEqualTo("changed");
    }

    @Test
    void it_leaves_the_stores_and_the_parking_when_its_row_is_deleted() throws Exception {
        slice.start();
        slice.awaitEverything();
        orderProducts(400_000);
        slice.awaitEverything();
        assertOnlyParkedDrifts();
        slice.execute("DELETE FROM payments WHERE order_id IN (SELECT id FROM orders WHERE customer_id = 1);"
                + " DELETE FROM order_lines WHERE order_id IN (SELECT id FROM orders WHERE customer_id = 1);"
                + " DELETE FROM orders WHERE customer_id = 1; DELETE FROM customers WHERE id = 1");
        slice.awaitEverything();
        assertNothingParked();
    }

    @Test
    void it_is_written_after_a_start_that_allows_it_although_nothing_changed() throws Exception {
        limit("1000000", "5000");
        slice.start();
        orderProducts(2_500);
        slice.awaitEverything();
        assertOnlyParkedDrifts();
        slice.stop();
        limit("5000", "50000");
        slice.start();
        slice.awaitEverything();
        assertNothingParked();
    }

    private void limit(String from, String to) throws Exception {
        String text = Files.readString(slice.configFile());
        Files.writeString(
                slice.configFile(),
                text.replace("max-document-bytes: " + from + "\n", "max-document-bytes: " + to + "\n"));
    }

    /** Customer 1 orders three products with long names. */
    private void orderProducts(int letters) throws SQLException {
        slice.execute("BEGIN; INSERT INTO products SELECT 900 + i, 'sku-' || i, repeat('x', " + letters
                + "), 'long', 1 FROM generate_series(1, 3) i; INSERT INTO orders (id, customer_id, status, total)"
                + " VALUES (900, 1, 'new', 3); INSERT INTO order_lines SELECT 900, i, 900 + i, 1, 1"
                + " FROM generate_series(1, 3) i; COMMIT");
    }

    private void assertOnlyParkedDrifts() {
        assertThat(slice.reconcile())
                .hasSize(3)
                .allSatisfy(report -> assertThat(report.drift()).singleElement().satisfies(drift -> {
                    assertThat(drift.key()).isEqualTo(LARGE);
                    assertThat(drift.parked()).contains("max-document-bytes");
                }));
    }

    private void assertNothingParked() {
        assertThat(commands.run("parked", "list")).isZero();
        assertThat(commands.out()).isEqualTo("nothing is parked\n");
        slice.assertNoDrift(3);
    }

    private String name(String store, RowKey key) {
        return slice.document("customers", store, key).orElseThrow().get("name").textValue();
    }
}
