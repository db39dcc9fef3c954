package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.ShopTraffic;
import io.tidemark.app.run.Slice;
import io.tidemark.reconciliation.FieldDifference;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shop's orders as documents in a table of the warehouse, beside the mirror of what they are made from. */
@Timeout(300)
class SqlDocumentsIT {

    private static final long SEED = 7;
    private static final Path SHOP = Path.of("..", "docs", "examples", "shop", "tidemark.yml");

    @TempDir
    private Path directory;

    private Slice slice;
    private Commands commands;

    @BeforeEach
    void seed() throws Exception {
        String text = Files.readString(SHOP)
                .replace(
                        "to: {search: orders, cache: \"order:{id}\"}",
                        "to: {dw: {table: reporting.orders, columns: [status, total, placed_at, customer]}}");
        slice = new Slice(directory, "shop", Files.writeString(directory.resolve("written.yml"), text));
        commands = new Commands(slice);
        slice.seedShop(SEED, 40, 20, 200);
    }

    @AfterEach
    void close() throws Exception {
        slice.close();
    }

    @Test
    void documents_in_sql_equal_the_source_through_traffic_a_restart_and_a_lost_table() throws Exception {
        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> traffic(SEED, 600));
        slice.start();
        first.get();
        CompletableFuture<Void> more = CompletableFuture.runAsync(() -> traffic(SEED + 1, 300));
        slice.stop();
        slice.start();
        more.get();
        slice.awaitEverything();
        slice.assertNoDrift(2);
        assertThat(warehouse("select d.id from reporting.orders d full join public.orders o using (id)"
                        + " join public.customers c on c.id = o.customer_id"
                        + " where (d.status, d.total, d.placed_at, d.customer ->> 'name')"
                        + " is distinct from (o.status, o.total, o.placed_at, c.name)"))
                .isEmpty();

        slice.executeInWarehouse("drop table reporting.orders");
        traffic(SEED + 2, 50);
        slice.awaitEverything();
        slice.assertNoDrift(2);
    }

    @Test
    void what_somebody_changed_in_the_table_is_found_and_named() throws Exception {
        slice.start();
        slice.awaitEverything();
        assertThat(commands.run("reconcile", slice.model("order-search")))
                .as(commands.toString())
                .isZero();
        slice.executeInWarehouse(
                "update reporting.orders set document = jsonb_set(document, '{lines, 0, quantity}', '99')"
                        + " where id = 5");
        slice.executeInWarehouse("update reporting.orders set status = 'lost' where id = 6");
        slice.executeInWarehouse("delete from reporting.orders where id = 7");
        slice.executeInWarehouse("insert into reporting.orders (id, document, _tidemark, _tidemark_order)"
                + " values (99999, '{\"id\": 99999}', 1, 0)");

        Report report = slice.reconcile().get(0);

        assertThat(report.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(report.drift())
                .extracting(drift -> drift.kind() + " " + drift.key() + " "
                        + drift.differences().stream()
                                .map(FieldDifference::path)
                                .toList())
                .containsExactlyInAnyOrder(
                        "DIFFERENT {\"id\":5} [lines[0].quantity]",
                        "DIFFERENT {\"id\":6} [_tidemark_columns]",
                        "MISSING {\"id\":7} []",
                        "EXTRA {\"id\":99999} []");
        Path page = directory.resolve("report.html");
        assertThat(commands.run("reconcile", slice.model("order-search"), "--report", page.toString()))
                .isEqualTo(1);
        assertThat(Files.readString(page)).contains("<h2>" + slice.model("order-search") + " in dw</h2>", "quantity");
        assertThat(commands.run("reconcile", slice.model("order-search"), "--keys", "8", "9"))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out()).contains("2 documents compared (only the 2 keys asked for)");
        assertThat(commands.run("reconcile", slice.model("order-search"), "--repair", "--keys", "7", "8"))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out()).contains("1 drifted (1 mended)");
        assertThat(commands.run("reconcile", slice.model("order-search"), "--sample", "1"))
                .isEqualTo(1);
        assertThat(commands.out()).contains("2 drifted");
        assertThat(commands.run("reconcile", slice.model("order-search"), "--since", "PT1H"))
                .isEqualTo(1);
        assertThat(commands.out()).contains("keys that changed since", "2 drifted");
        assertThat(commands.run("reconcile", slice.model("order-search"), "--since", "2200-01-01T00:00:00+01:00"))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out()).contains("0 documents compared (only the 0 keys");
        assertThat(commands.run("reconcile", "--repair", slice.model("order-search")))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out()).contains("3 drifted (3 mended)");
        assertThat(commands.run("reconcile", slice.model("order-search"))).isZero();
        assertThat(commands.run("reconcile", "history", slice.model("order-search"), "--limit", "2"))
                .as(commands.toString())
                .isZero();
        assertThat(commands.out().lines()).hasSize(2);
        assertThat(commands.out()).containsSubsequence(": drift as of", "3 drifted, 3 mended", ": no drift as of");
    }

    @Test
    void the_commands_know_it_like_any_other_store() throws Exception {
        assertThat(commands.run("check")).as(commands.err()).isZero();
        assertThat(commands.out()).contains("-> dw (sql) reporting.orders");
        slice.start();
        String token = slice.token().toString();
        assertThat(commands.run("wait", token, "--timeout", "60", slice.model("order-search")))
                .as(commands.toString())
                .isZero();
        assertThat(commands.run("status")).as(commands.err()).isZero();
        assertThat(commands.out()).contains("model    " + slice.model("order-search") + " in dw: tidemark ");
    }

    private void traffic(long seed, int transactions) {
        new ShopTraffic(slice::source).run(ShopTraffic.Plan.of(seed, transactions), commit -> {});
    }

    private List<Long> warehouse(String sql) throws SQLException {
        List<Long> first = new ArrayList<>();
        try (Connection connection = slice.warehouse();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                first.add(row.getLong(1));
            }
        }
        return first;
    }
}
