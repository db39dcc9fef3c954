package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.reconciliation.Scope.Sample;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of a read model some documents are compared: against a real PostgreSQL, with a store of the tests' own. */
class ScopeIT {

    private static final int ORDERS = 2_000;
    private static final ReconcileLimits LIMITS = new ReconcileLimits(Duration.ofSeconds(20), 100, 4, 5_000, 5_000);

    private final HandDrivenLog log = new HandDrivenLog();
    private final InMemoryReader store = new InMemoryReader();
    private SourceDatabase source;
    private ComparedModel orders;

    @BeforeEach
    void seededShop() throws SQLException {
        source = SourceDatabase.fresh();
        source.autocommit("CREATE TABLE orders(id int PRIMARY KEY, total numeric)");
        log.add(source.commit("INSERT INTO orders SELECT i, i * 1.10 FROM generate_series(1, " + ORDERS + ") i"));
        orders = ComparedModel.of(new DocumentModel(
                "orders",
                new DocumentNode(source.relation("public", "orders"), List.of("id", "total"), List.of(), List.of())));
        store.copy(source, orders, 1);
    }

    @Test
    void of_some_keys_both_sides_are_compared_and_nothing_is_said_of_others() {
        store.remove("orders", key(1));
        store.put("orders", key(2), 1, Json.object().put("id", 2));
        store.put("orders", key(ORDERS + 1), 1, Json.object().put("id", ORDERS + 1));
        store.remove("orders", key(4));

        Report report = reconcile(orders.withKeys(List.of("1", "{\"id\":2}", "3", "3", "2001")));

        assertThat(report.drift()).extracting(Drift::key).containsExactlyInAnyOrder(key(1), key(2), key(ORDERS + 1));
        assertThat(report.compared()).isEqualTo(4);
        assertThat(report.text()).contains("4 documents compared (only the 4 keys asked for), 3 drifted");
        assertThat(report.toJson().get("part").textValue()).isEqualTo("only the 4 keys asked for");
    }

    @Test
    void a_key_that_is_on_neither_side_is_said() {
        Report report = reconcile(orders.withKeys(List.of("5", "77777", "88888")));

        assertThat(report.verdict()).isEqualTo(Verdict.NO_DRIFT);
        assertThat(report.compared()).isEqualTo(1);
        assertThat(report.text()).contains("(only the 3 keys asked for, of which 2 are on neither side)");
    }

    @Test
    void a_key_is_the_same_however_it_is_spelled() throws SQLException {
        source.autocommit("CREATE TABLE parts(price numeric(10,2), code uuid, day date, label char(5),"
                + " PRIMARY KEY (price, code, day, label))");
        log.add(source.commit(
                "INSERT INTO parts VALUES" + " (17, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-02-03', 'x|y')"));
        ComparedModel parts = ComparedModel.of(new DocumentModel(
                "parts",
                new DocumentNode(
                        source.relation("public", "parts"),
                        List.of("price", "code", "day", "label"),
                        List.of(),
                        List.of())));

        Report missing = reconcile(parts.withKeys(List.of(
                "17|A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11|3 Feb 2026|x%7Cy",
                "17.004|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|2026-02-03|x%7Cy")));

        assertThat(missing.drift()).extracting(Drift::kind).containsExactly(DriftKind.MISSING);
        assertThat(missing.text()).contains("of which 1 is on neither side");
    }

    @Test
    void a_value_of_another_type_is_refused() {
        assertThatThrownBy(() -> reconcile(orders.withKeys(List.of("5", "x"))))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
                .hasMessageContaining("Of the keys of orders one cannot be")
                .hasMessageContaining("\"x\"");
    }

    @Test
    void of_a_mirror_a_key_says_its_table() throws SQLException {
        ComparedModel both = mirror("orders", "lines");

        assertThat(both.withKeys(List.of("public.lines:1", "public.orders:2")).scope())
                .isEqualTo(Scope.Keys.askedFor(
                        java.util.Map.of("public.lines", List.of(key(1)), "public.orders", List.of(key(2)))));
        assertThatThrownBy(() -> both.withKeys(List.of("1")))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
                .hasMessage("'1' is no key of mirror: say of which table, for example public.orders:17");
    }

    @Test
    void what_is_no_key_is_refused() {
        assertThatThrownBy(() -> orders.withKeys(List.of("{\"number\":1}")))
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
                .hasMessageContaining("{\"number\":1}")
                .hasMessageContaining("a key of orders is id");
    }

    @Test
    void a_sample_has_about_its_part_of_the_documents() {
        for (int id = 1; id <= ORDERS; id++) {
            store.remove("orders", key(id));
        }

        Report report = reconcile(orders.within(new Sample(0.1)));

        // Of 2,000 with a chance of a tenth each, about once in 10^40 runs there are fewer than 50 or more than 400.
        assertThat(report.driftCount()).isBetween(50L, 400L).isEqualTo(report.compared());
        assertThat(report.drift()).extracting(Drift::kind).containsOnly(DriftKind.MISSING);
        assertThat(report.text()).contains("(only a sample of 10 %, and not what the source does not have)");
    }

    @Test
    void a_sample_of_a_mirror_has_some_rows_of_each_table() throws SQLException {
        ComparedModel both = mirror("orders", "lines");
        InMemoryReader rows = new InMemoryReader();
        rows.copy(source, both, 2);

        Report report = new Reconciler(source.settings(), log, LIMITS)
                .reconcile(both.within(new Sample(1)), "warehouse", rows, Progress.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.NO_DRIFT);
        assertThat(report.compared()).isEqualTo(ORDERS + 1);
    }

    private ComparedModel mirror(String... tables) throws SQLException {
        source.autocommit("CREATE TABLE lines(id int PRIMARY KEY)");
        log.add(source.commit("INSERT INTO lines VALUES (1)"));
        List<TableId> ids = List.of(tables).stream()
                .map(name -> new TableId("public", name))
                .toList();
        return ComparedModel.of(new MirrorModel("mirror", ids), id -> {
            try {
                return source.relation(id.schema(), id.name());
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    private Report reconcile(ComparedModel model) {
        return new Reconciler(source.settings(), log, LIMITS).reconcile(model, "search", store, Progress.NONE);
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }
}
