package io.tidemark.app.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.reconciliation.Verdict;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Truncates of the demo's shop through documents and the mirror: of children, of references, of roots. */
class TruncateIT {

    /** Lines of every fifth order come back, in the same transaction. */
    private static final String LINES = "CREATE TEMP TABLE kept AS SELECT * FROM order_lines WHERE order_id % 5 = 0;"
            + " BEGIN; TRUNCATE order_lines; INSERT INTO order_lines SELECT * FROM kept; COMMIT; DROP TABLE kept";

    /** Products are what lines refer to, so all of both go, and some come back with the same keys. */
    private static final String PRODUCTS = "CREATE TEMP TABLE kept AS SELECT * FROM products WHERE id % 2 = 0;"
            + " CREATE TEMP TABLE kept_lines AS SELECT * FROM order_lines WHERE product_id % 2 = 0;"
            + " TRUNCATE products CASCADE; INSERT INTO products SELECT * FROM kept;"
            + " INSERT INTO order_lines SELECT * FROM kept_lines; DROP TABLE kept, kept_lines";

    private static final String ORDERS = "CREATE TEMP TABLE kept AS SELECT * FROM orders WHERE id % 3 = 0;"
            + " BEGIN; TRUNCATE orders CASCADE; INSERT INTO orders SELECT * FROM kept; COMMIT; DROP TABLE kept";

    @TempDir
    private Path directory;

    private Slice slice;

    @BeforeEach
    void seed() throws Exception {
        slice = new Slice(directory, "shop");
        slice.seedShop(5, 40, 20, 200);
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void truncates_while_read_models_are_served_leave_them_equal_to_the_source() throws Exception {
        slice.start();
        slice.awaitEverything();
        for (String truncate : new String[] {LINES, PRODUCTS, ORDERS, "TRUNCATE customers CASCADE"}) {
            slice.execute(truncate);
            slice.awaitEverything();
            assertNoDrift();
        }
        slice.stop();
        slice.execute("INSERT INTO customers SELECT i, 'again', 'a@example.org', 'gold' FROM generate_series(1, 5) i");
        slice.start();
        slice.awaitEverything();
        assertNoDrift();
    }

    @Test
    void read_models_that_start_after_the_truncates_equal_the_source_too() throws Exception {
        try (CaptureRunner capture = new CaptureRunner(slice.plan().capture(), SnapshotProgress.NONE)) {
            capture.start();
            capture.awaitCovered();
            slice.execute(LINES);
            slice.execute(PRODUCTS);
            slice.execute("INSERT INTO payments SELECT 100000 + id, id, 1, 'card', now() FROM orders WHERE id < 9");
            slice.execute(ORDERS);
        }
        slice.start();
        slice.awaitEverything();
        assertNoDrift();
    }

    private void assertNoDrift() {
        assertThat(slice.reconcile()).isNotEmpty().allSatisfy(report -> assertThat(report.verdict())
                .as(report.text())
                .isEqualTo(Verdict.NO_DRIFT));
    }
}
