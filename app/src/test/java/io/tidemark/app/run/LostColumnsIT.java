package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SnapshotRequests;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
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
    private static final Duration PATIENCE = Duration.ofMinutes(1);

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
        slice.execute("INSERT INTO payments VALUES (77001, 5, 1, 'card', '2024-01-01 00:00Z')");
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
        Map<RowKey, ObjectNode> before = documents("order-search");
        slice.execute("ALTER TABLE " + table + " RENAME COLUMN " + column + " TO another");
        slice.execute("UPDATE " + table + " SET another = another");
        String lost = "Rows of public." + table + " have no column '" + column + "' any more";
        assertThatThrownBy(slice::awaitEverything).hasMessageContaining(lost);
        slice.stop();

        slice.execute("ALTER TABLE " + table + " RENAME COLUMN another TO " + column);
        slice.start();
        assertThatThrownBy(slice::awaitEverything).hasMessageContaining(lost);
        slice.stop();
        assertThat(documents("order-search")).isEqualTo(before);
    }

    /** As the message says. */
    @Test
    void with_its_name_given_back_and_the_table_read_again_documents_of_a_new_name_are_right() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.execute("ALTER TABLE payments RENAME COLUMN method TO another");
        slice.execute("UPDATE payments SET another = another");
        assertThatThrownBy(slice::awaitEverything).hasMessageContaining("no column 'method' any more");
        slice.stop();
        slice.execute("ALTER TABLE payments RENAME COLUMN another TO method");
        add("again", "public.payments", "method like 'c%'");
        Plan plan = slice.plan();
        ReadModel model = plan.model(slice.model("again"));
        SnapshotRequests.ask(plan.capture().source(), TableId.parse("public.payments"));
        try (CaptureRunner capture = new CaptureRunner(plan.capture(), SnapshotProgress.NONE);
                Pipeline again = new Pipeline(plan, directory.resolve("again"), (place, tidemark) -> {})) {
            capture.start();
            again.startReadModels(List.of(model), said -> {});
            assertThat(again.await(slice.token(), PATIENCE)).isTrue();
            List<Report> reports = new Reconciliations(
                            plan, again.stores(), again.tidemarks(), ReconcileLimits.defaults())
                    .run(List.of(model), Progress.NONE);
            Slice.assertNoDrift(reports, 1);
        }
    }

    @Test
    void a_column_that_has_its_name_again_before_a_row_is_written_is_not_missed() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.execute("ALTER TABLE payments RENAME COLUMN method TO way");
        slice.awaitEverything();
        slice.execute("ALTER TABLE payments RENAME COLUMN way TO method");
        slice.execute("UPDATE payments SET amount = 2 WHERE id = 77001");
        slice.awaitEverything();
        slice.assertNoDrift(3);
    }

    /** Those rows are behind the newest tidemark there is, which would be the floor. */
    @Test
    void documents_with_a_column_just_added_start_behind_all_rows_that_were_written_before_it() throws Exception {
        slice.start();
        slice.awaitEverything();
        slice.stop();
        slice.execute("UPDATE orders SET total = total");
        slice.execute("ALTER TABLE orders ADD COLUMN note text");
        add("notes", "public.orders", "note is null");
        Plan plan = slice.plan();
        Queue<String> waits = new ConcurrentLinkedQueue<>();
        try (Pipeline notes = new Pipeline(plan, directory.resolve("notes"), (place, tidemark) -> {});
                CaptureRunner capture = new CaptureRunner(plan.capture(), SnapshotProgress.NONE)) {
            CompletableFuture<Void> started = CompletableFuture.runAsync(() -> {
                try {
                    notes.startReadModels(List.of(plan.model(slice.model("notes"))), waits::add);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(PATIENCE).until(() -> waits.stream()
                    .anyMatch(said -> said.startsWith("waiting until what the source has now")));
            capture.start();
            started.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            slice.execute("UPDATE orders SET note = 'x' WHERE id = 5");
            assertThat(notes.await(slice.token(), PATIENCE)).isTrue();
        }
        assertThat(documents("notes")).hasSize(ORDERS - 1).doesNotContainKey(new RowKey("{\"id\":5}"));
    }

    /** Another model to the file, of ids in the cache. */
    private void add(String name, String table, String where) throws IOException {
        Files.writeString(
                slice.configFile(),
                "  " + slice.model(name) + ":\n    document: " + table + "\n    fields: [id]\n    where: \"" + where
                        + "\"\n    to: {cache: \"" + slice.model(name) + ":{id}\"}\n",
                StandardOpenOption.APPEND);
    }

    /** In the cache, by key. */
    private Map<RowKey, ObjectNode> documents(String name) {
        List<RowKey> keys = IntStream.rangeClosed(1, ORDERS)
                .mapToObj(id -> new RowKey("{\"id\":" + id + "}"))
                .toList();
        Map<RowKey, ObjectNode> found = slice.documents(name, "cache", keys);
        assertThat(found).isNotEmpty();
        return found;
    }
}
