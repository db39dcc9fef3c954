package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.reconciliation.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns that a definition looks at and rows have no more, or not yet. */
@Timeout(180)
class LostColumnsIT {

    private static final int ORDERS = 30;

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(
                directory,
                "shop",
                example -> example.replace(
                        "        order-by: [paid_at, id]\n        fields: [id, amount, method, paid_at]",
                        "        order-by: [paid_at, id]\n        fields: [id, amount]\n        where: method like 'c%'"));
        slice.seedShop(3, 10, 10, ORDERS);
        execute("INSERT INTO payments VALUES (77001, 5, 1, 'card', '2024-01-01 00:00Z')");
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @ParameterizedTest(name = "{0}.{1}")
    @CsvSource({"payments, method", "orders, customer_id", "order_lines, quantity"})
    void a_column_that_gets_another_name_stops_its_read_model_now_and_at_the_next_start(String table, String column)
            throws Exception {
        slice.start();
        slice.awaitEverything();
        Map<RowKey, ObjectNode> before = documents();
        execute("ALTER TABLE " + table + " RENAME COLUMN " + column + " TO another");
        execute("UPDATE " + table + " SET another = another");
        String lost = "Rows of public." + table + " have no column '" + column + "' any more";
        assertThatThrownBy(slice::awaitEverything).hasMessageContaining(lost);
        slice.stop();

        execute("ALTER TABLE " + table + " RENAME COLUMN another TO " + column);
        slice.start();
        assertThatThrownBy(slice::awaitEverything).hasMessageContaining(lost);
        slice.stop();
        assertThat(documents()).isEqualTo(before);
    }

    @Test
    void a_column_that_has_its_name_again_before_a_row_is_written_is_not_missed() throws Exception {
        slice.start();
        slice.awaitEverything();
        execute("ALTER TABLE payments RENAME COLUMN method TO way");
        slice.awaitEverything();
        execute("ALTER TABLE payments RENAME COLUMN way TO method");
        execute("UPDATE payments SET amount = 2 WHERE id = 77001");
        slice.awaitEverything();
        assertNoDrift();
    }

    /** Those rows are behind the tidemark that is there when capture starts. */
    @Test
    void rows_written_before_a_column_was_added_do_not_stop_the_first_start_of_documents_that_have_it()
            throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.stop();
        execute("UPDATE orders SET total = total");
        execute("ALTER TABLE orders ADD COLUMN note text");
        Files.writeString(
                slice.configFile(),
                "  " + slice.model("notes")
                        + ":\n    document: public.orders\n    fields: [id]\n    where: note is null\n"
                        + "    to: {cache: \"" + slice.model("note") + ":{id}\"}\n",
                StandardOpenOption.APPEND);
        slice.start();
        slice.awaitEverything();
        execute("UPDATE orders SET note = 'x' WHERE id = 5");
        slice.awaitEverything();
        assertNoDrift();
    }

    /** In the cache, by key. */
    private Map<RowKey, ObjectNode> documents() {
        Plan plan = slice.plan();
        ReadModel model = plan.model(slice.model("order-search"));
        Target cache = plan.targets(model).stream()
                .filter(target -> target.store().equals("cache"))
                .findFirst()
                .orElseThrow();
        List<RowKey> keys = IntStream.rangeClosed(1, ORDERS)
                .mapToObj(id -> new RowKey("{\"id\":" + id + "}"))
                .toList();
        try (DocumentReader reader = StoreAccess.ofCaptured(plan).reader(model, cache)) {
            Map<RowKey, StoredDocument> found = reader.get(model.name(), keys);
            assertThat(found).isNotEmpty();
            return found.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue()
                    .body()));
        }
    }

    private void assertNoDrift() {
        assertThat(slice.reconcile()).allSatisfy(report -> {
            assertThat(report.verdict()).as(report.text()).isEqualTo(Verdict.NO_DRIFT);
            assertThat(report.compared()).isPositive();
        });
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = slice.source();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
