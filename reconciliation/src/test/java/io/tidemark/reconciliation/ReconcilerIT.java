package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.reconciliation.SourceDatabase.Committed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reconciliation against a real PostgreSQL; the store, the tidemarks and what happens meanwhile are the tests' own. */
class ReconcilerIT {

    private static final ReconcileLimits LIMITS = new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 100, 100);

    private final HandDrivenLog log = new HandDrivenLog();
    private final InMemoryReader store = new InMemoryReader();
    private SourceDatabase source;
    private ComparedModel orders;

    /** Five orders, the first with two lines; the store holds them all as of position 1. */
    @BeforeEach
    void seededShop() throws SQLException {
        source = SourceDatabase.fresh();
        source.autocommit(
                "CREATE TABLE orders(id int PRIMARY KEY, total numeric)",
                "CREATE TABLE lines(id int PRIMARY KEY, order_id int, sku text)");
        capture(
                "INSERT INTO orders SELECT i, i * 1.10 FROM generate_series(1, 5) i",
                "INSERT INTO lines VALUES (1, 1, 'tea'), (2, 1, 'milk')");
        DocumentNode lines = new DocumentNode(source.relation("public", "lines"), List.of("sku"), List.of(), List.of());
        orders = ComparedModel.of(new DocumentModel(
                "orders",
                new DocumentNode(
                        source.relation("public", "orders"),
                        List.of("id", "total"),
                        List.of(),
                        List.of(new Children("lines", List.of("order_id"), List.of(), lines)))));
        store.copy(source, orders, 1);
    }

    @Test
    void a_store_that_equals_the_source_has_no_drift() {
        List<Long> progress = new ArrayList<>();

        Report report = reconciler(LIMITS).reconcile(orders, "search", store, (collection, compared) -> {
            assertThat(collection).isEqualTo("orders");
            progress.add(compared);
        });

        assertThat(report.verdict()).isEqualTo(Verdict.NO_DRIFT);
        assertThat(report.compared()).isEqualTo(5);
        assertThat(report.tidemark().number()).isEqualTo(1);
        assertThat(report.tidemark().lsn()).isGreaterThan(Lsn.ZERO);
        assertThat(report.reason()).isEmpty();
        assertThat(progress).containsExactly(5L);
    }

    @Test
    void each_kind_of_drift_is_found_and_named() {
        store.remove("orders", key(2));
        store.put("orders", key(9), 1, Json.object().put("id", 9));
        store.put("orders", key(1), 1, Json.parseObject("""
                {"id":1,"total":1.10,"lines":[{"sku":"tea"},{"sku":"water"}]}"""));

        Report report = reconcile();

        assertThat(report.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(report.driftCount()).isEqualTo(3);
        assertThat(report.undecidedCount()).isZero();
        Drift different = drift(report, DriftKind.DIFFERENT);
        assertThat(different.key()).isEqualTo(key(1));
        assertThat(different.differences())
                .containsExactly(new FieldDifference("lines[1].sku", Json.parse("\"milk\""), Json.parse("\"water\"")));
        assertThat(drift(report, DriftKind.EXTRA).key()).isEqualTo(key(9));
        assertThat(drift(report, DriftKind.EXTRA).expected()).isNull();
        assertThat(drift(report, DriftKind.MISSING).key()).isEqualTo(key(2));
        assertThat(drift(report, DriftKind.MISSING).found()).isNull();
    }

    @Test
    void a_table_of_partitions_is_compared_as_one() throws SQLException {
        capture(
                "CREATE TABLE parted(id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE low PARTITION OF parted FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE high PARTITION OF parted FOR VALUES FROM (10) TO (20)",
                "INSERT INTO parted SELECT generate_series(5, 14)");
        ComparedModel parted = ComparedModel.of(new DocumentModel(
                "parted", new DocumentNode(source.relation("public", "parted"), List.of("id"), List.of(), List.of())));
        store.copy(source, parted, 2);
        store.remove("parted", key(12));

        Report report = reconciler(LIMITS).reconcile(parted, "search", store, Progress.NONE);

        assertThat(report.compared()).isEqualTo(10);
        assertThat(report.drift()).extracting(Drift::key).containsExactly(key(12));
    }

    @Test
    void rows_far_behind_in_a_large_table_are_compared_too() throws SQLException {
        capture(
                "CREATE TABLE large(id int PRIMARY KEY, v text)",
                "ALTER TABLE large ALTER v SET STORAGE PLAIN",
                "INSERT INTO large SELECT i, repeat('x', 7000) FROM generate_series(1, 20000) i");
        ComparedModel large = ComparedModel.of(new DocumentModel(
                "large", new DocumentNode(source.relation("public", "large"), List.of("id"), List.of(), List.of())));
        store.copy(source, large, 2);
        store.put("large", key(19_999), 2, Json.object().put("id", 19_998));
        List<Long> progress = new ArrayList<>();

        Report report =
                reconciler(LIMITS).reconcile(large, "search", store, (collection, compared) -> progress.add(compared));

        assertThat(progress).hasSizeGreaterThan(1).endsWith(20_000L);
        assertThat(report.compared()).isEqualTo(20_000);
        assertThat(report.drift()).extracting(Drift::key).containsExactly(key(19_999));
    }

    @Test
    void a_key_in_another_spelling_that_claims_to_be_new_hides_no_row() {
        store.remove("orders", key(2));
        store.put(
                "orders",
                new RowKey("{\"id\":\"02\"}"),
                Long.MAX_VALUE,
                Json.object().put("id", 2));

        assertThat(reconcile().drift()).extracting(Drift::key).contains(key(2));
    }

    @Test
    void an_extra_document_that_only_a_scan_shows_is_extra() {
        store.put("orders", key(9), 1, Json.object().put("id", 9));
        store.hide(key(9));
        store.put("orders", new RowKey("{\"_id\":\"8\"}"), 1, Json.object().put("id", 8));
        store.hide(new RowKey("{\"_id\":\"8\"}"));

        assertThat(reconcile().drift())
                .extracting(Drift::kind, drift -> drift.key().json())
                .containsExactlyInAnyOrder(
                        tuple(DriftKind.EXTRA, "{\"id\":9}"), tuple(DriftKind.EXTRA, "{\"_id\":\"8\"}"));
    }

    @Test
    void a_number_that_no_row_can_have_is_extra_and_fills_no_memory() {
        RowKey huge = new RowKey("{\"id\":1e999999999}");
        store.put("orders", huge, 1, Json.object().put("id", 1));

        assertThat(reconcile().drift()).extracting(Drift::key).containsExactly(huge);
    }

    @Test
    void a_document_under_a_key_that_no_row_can_have_is_extra() {
        RowKey named = new RowKey("{\"x\":2}");
        store.put("orders", named, 1, store.documents("orders").get(key(2)).body());

        assertThat(reconcile().drift()).extracting(Drift::key).containsExactly(named);
    }

    /** Among so many some newer ones share a bucket with a missing one. */
    @Test
    void a_newer_document_in_a_bucket_that_differs_takes_one_place_among_those_remembered() throws SQLException {
        capture("INSERT INTO orders SELECT i, 0 FROM generate_series(6, 2000) i");
        store.copy(source, orders, 2);
        for (int id = 6; id <= 2_000; id++) {
            if (id % 2 == 0) {
                store.remove("orders", key(id));
            } else {
                store.put("orders", key(id), Long.MAX_VALUE, Json.object().put("id", id));
            }
        }

        Report report = reconciler(new ReconcileLimits(Duration.ofSeconds(20), 100, 4, 10, 1_995))
                .reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.undecidedCount()).isZero();
        assertThat(report.driftCount()).isEqualTo(1_995);
    }

    @Test
    void where_almost_everything_is_newer_each_document_is_compared_by_itself() {
        store.copy(source, orders, Long.MAX_VALUE);
        store.put("orders", key(2), 1, Json.object().put("id", 2));

        Report report = reconciler(new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 100, 3))
                .reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.compared()).isEqualTo(5);
        assertThat(report.drift()).extracting(Drift::key).containsExactly(key(2));
    }

    @Test
    void a_document_that_expired_is_not_missing_and_hides_nothing_else() {
        store.expire("orders", key(2));
        store.remove("orders", key(3));
        assertThat(reconcile().drift()).extracting(Drift::key).containsExactly(key(3));
    }

    @Test
    void a_document_that_expires_while_it_is_in_flight_is_not_missing() {
        store.whenAligning(
                () -> {
                    long position = capture("UPDATE orders SET total = 99 WHERE id = 3");
                    store.put("orders", key(3), position, Json.parseObject("{\"id\":3,\"total\":0,\"lines\":[]}"));
                },
                () -> store.expire("orders", key(3)));

        assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_document_changed_after_the_snapshot_is_not_drift() {
        store.whenAligning(() -> {
            long position = capture("UPDATE orders SET total = 99 WHERE id = 3");
            store.put("orders", key(3), position, Json.parseObject("{\"id\":3,\"total\":99,\"lines\":[]}"));
        });

        assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_change_after_the_snapshot_that_the_store_has_yet_to_apply_is_not_drift() {
        store.whenAligning(() -> capture("UPDATE orders SET total = 99 WHERE id = 3"));

        assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_document_in_flight_for_several_rounds_takes_one_place_among_those_remembered() {
        InMemoryReader.Step change = () -> {
            long position = capture("UPDATE orders SET total = total + 1 WHERE id = 3");
            store.put("orders", key(3), position, Json.parseObject("{\"id\":3,\"total\":0,\"lines\":[]}"));
        };
        store.whenAligning(
                change,
                change,
                () -> store.copy(source, orders, log.newest().orElseThrow().number()));

        Report report = reconciler(new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 100, 1))
                .reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_document_changed_again_and_again_is_undecided() {
        InMemoryReader.Step change = () -> {
            long position = capture("UPDATE orders SET total = total + 1 WHERE id = 3");
            store.put("orders", key(3), position, Json.parseObject("{\"id\":3,\"total\":0,\"lines\":[]}"));
        };
        store.whenAligning(change, change, change, change, change);

        Report report = reconcile();

        assertThat(report.verdict()).isEqualTo(Verdict.COULD_NOT_TELL);
        assertThat(report.undecided()).containsExactly(new Undecided("orders", key(3)));
        assertThat(report.reason()).contains("in flight");
    }

    @Test
    void an_extra_document_in_flight_clears() {
        store.whenAligning(() -> {
            long position = capture("INSERT INTO orders VALUES (6, 6)");
            store.put("orders", key(6), position, Json.parseObject("{\"id\":6,\"total\":6,\"lines\":[]}"));
        });

        assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_document_deleted_after_the_snapshot_is_not_missing() {
        store.whenAligning(() -> {
            capture("DELETE FROM orders WHERE id = 4");
            store.remove("orders", key(4));
        });

        assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_document_missing_twice_clears_when_its_row_was_inserted_again_between() {
        InMemoryReader.Step delete = () -> {
            capture("DELETE FROM orders WHERE id = 4");
            store.remove("orders", key(4));
        };
        store.whenAligning(delete, delete);

        Report report = reconciler(LIMITS).reconcile(orders, "search", store, (collection, compared) -> {
            if (compared == 5) {
                insertAgain(4);
            }
        });

        assertThat(report.verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void a_captured_transaction_the_snapshot_does_not_see_lowers_the_position_it_proves() throws SQLException {
        try (Connection open = source.connect()) {
            open.setAutoCommit(false);
            SourceDatabase.run(open, "UPDATE orders SET total = 0 WHERE id = 5");
            log.add(new Committed(SourceDatabase.xid(open), Lsn.ZERO));
            long later = capture("UPDATE orders SET total = 7 WHERE id = 3");
            store.put("orders", key(3), later, Json.parseObject("{\"id\":3,\"total\":8,\"lines\":[]}"));

            Report whileUnseen = reconcile();

            assertThat(whileUnseen.tidemark().number()).isEqualTo(1);
            assertThat(whileUnseen.verdict()).isEqualTo(Verdict.COULD_NOT_TELL);
            assertThat(whileUnseen.undecided()).containsExactly(new Undecided("orders", key(3)));

            open.rollback();
            Report onceSeen = reconcile();

            assertThat(onceSeen.tidemark().number()).isEqualTo(later);
            assertThat(drift(onceSeen, DriftKind.DIFFERENT).key()).isEqualTo(key(3));
        }
    }

    @Test
    void a_position_capture_never_gave_does_not_hide_drift() {
        store.put("orders", key(3), 1_000_000, Json.object().put("id", 3));
        store.put("orders", key(9), 1_000_000, Json.object().put("id", 9));

        Report report = reconcile();

        assertThat(report.drift()).extracting(Drift::kind).containsExactly(DriftKind.DIFFERENT, DriftKind.EXTRA);
    }

    @Test
    void a_stored_key_of_another_type_is_extra() {
        RowKey odd = new RowKey("{\"id\":\"abc\"}");
        store.put("orders", odd, 1, Json.object());
        RowKey notCanonical = new RowKey("{\"id\":\"3\"}");
        store.put("orders", notCanonical, 1, Json.object());

        assertThat(reconcile().drift())
                .extracting(Drift::kind, Drift::key)
                .containsExactly(tuple(DriftKind.EXTRA, odd), tuple(DriftKind.EXTRA, notCanonical));
    }

    @Test
    void capture_that_stays_behind_could_not_be_told() {
        log.stopAt(new Lsn(1));

        Report report =
                reconciler(LIMITS.withTimeout(Duration.ofMillis(50))).reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.COULD_NOT_TELL);
        assertThat(report.compared()).isZero();
        assertThat(report.reason()).contains("capture has not reached", "1@0/1");
    }

    @Test
    void a_store_without_an_applied_tidemark_could_not_be_told() {
        store.appliedIs(Optional.empty());

        Report report =
                reconciler(LIMITS.withTimeout(Duration.ofMillis(50))).reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.COULD_NOT_TELL);
        assertThat(report.reason()).contains("read model has not reached", "is none");
    }

    @Test
    void what_is_in_flight_when_the_store_falls_behind_is_undecided() {
        store.remove("orders", key(2));
        store.whenAligning(() -> {}, () -> store.appliedIs(Optional.empty()));

        Report report = reconciler(LIMITS.withTimeout(Duration.ofMillis(500)))
                .reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.COULD_NOT_TELL);
        assertThat(report.compared()).isEqualTo(5);
        assertThat(report.undecided()).containsExactly(new Undecided("orders", key(2)));
    }

    @Test
    void all_drift_is_counted_though_only_some_is_kept() {
        store.documents("orders").replaceAll((key, document) -> new StoredDocument(key, 1, Json.object()));

        Report report = reconciler(new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 3, 100))
                .reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.driftCount()).isEqualTo(5);
        assertThat(report.drift()).hasSize(3);
    }

    @Test
    void more_in_flight_than_can_be_remembered_is_undecided() {
        store.documents("orders").clear();

        Report report = reconciler(new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 100, 3))
                .reconcile(orders, "search", store, Progress.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(report.driftCount()).isEqualTo(3);
        assertThat(report.undecidedCount()).isEqualTo(2);
    }

    @Test
    void a_mirror_is_compared_row_by_row_in_each_of_its_tables() {
        TableId ordersTable = TableId.parse("public.orders");
        TableId linesTable = TableId.parse("public.lines");
        ComparedModel mirror =
                ComparedModel.of(new MirrorModel("warehouse", List.of(ordersTable, linesTable)), this::relation);
        InMemoryReader rows = new InMemoryReader();
        rows.copy(source, mirror, 1);

        assertThat(reconciler(LIMITS)
                        .reconcile(mirror, "warehouse", rows, Progress.NONE)
                        .verdict())
                .isEqualTo(Verdict.NO_DRIFT);

        rows.put("public.lines", key(2), 1, Json.parseObject("{\"id\":2,\"order_id\":1,\"sku\":\"cream\"}"));
        Report report = reconciler(LIMITS).reconcile(mirror, "warehouse", rows, Progress.NONE);

        assertThat(report.compared()).isEqualTo(7);
        assertThat(drift(report, DriftKind.DIFFERENT).collection()).isEqualTo("public.lines");
    }

    @Test
    void nobody_truncates_a_table_under_a_snapshot() {
        store.whenAligning(
                () -> assertThatThrownBy(() -> source.autocommit("SET lock_timeout = '20ms'", "TRUNCATE lines"))
                        .hasMessageContaining("lock timeout"));

        assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void tables_that_somebody_alters_one_after_the_other_are_waited_for() throws Exception {
        try (Connection migration = source.connect()) {
            migration.setAutoCommit(false);
            SourceDatabase.run(migration, "ALTER TABLE orders ADD migrated int");
            CompletableFuture<Report> reconciling = CompletableFuture.supplyAsync(this::reconcile);
            Awaitility.await("somebody waits for the table")
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        try (Connection other = source.connect()) {
                            return SourceDatabase.text(
                                            other,
                                            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass")
                                    .equals("1");
                        }
                    });
            SourceDatabase.run(migration, "ALTER TABLE lines ADD migrated int");
            assertThat(reconciling).isNotDone();
            migration.rollback();

            assertThat(reconciling.get(20, TimeUnit.SECONDS).verdict()).isEqualTo(Verdict.NO_DRIFT);
        }
    }

    @Test
    void an_index_that_is_built_anew_while_the_table_is_read_is_waited_for() throws Exception {
        try (Connection maintenance = source.connect()) {
            maintenance.setAutoCommit(false);
            List<CompletableFuture<Void>> done = new ArrayList<>();
            store.whenAligning(() -> {
                SourceDatabase.run(maintenance, "REINDEX TABLE orders");
                done.add(CompletableFuture.runAsync(
                        () -> rollback(maintenance), CompletableFuture.delayedExecutor(1_500, TimeUnit.MILLISECONDS)));
            });

            assertThat(reconcile().verdict()).isEqualTo(Verdict.NO_DRIFT);
            assertThat(done).hasSize(1).allMatch(CompletableFuture::isDone, "it was waited for");
        }
    }

    @Test
    void a_source_whose_tables_stay_locked_does_not_answer() throws Exception {
        try (Connection migration = source.connect()) {
            migration.setAutoCommit(false);
            SourceDatabase.run(migration, "ALTER TABLE lines ADD migrated int");

            assertThatThrownBy(() -> reconciler(LIMITS.withTimeout(Duration.ofMillis(50)))
                            .reconcile(orders, "search", store, Progress.NONE))
                    .isInstanceOfSatisfying(
                            TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE))
                    .hasMessageContainingAll("lock timeout", "alters one of the read model's tables");
        }
    }

    @Test
    void a_source_that_does_not_answer_is_unreachable_and_its_password_stays_secret() {
        SourceSettings nobody = new SourceSettings(
                "jdbc:postgresql://127.0.0.1:1/shop?password=canary", "reader", new Secret("canary"));

        assertThatThrownBy(() -> new Reconciler(nobody, log, LIMITS).reconcile(orders, "search", store, Progress.NONE))
                .isInstanceOfSatisfying(TidemarkException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE);
                    assertThat(e).hasMessageContaining("127.0.0.1:1/shop").hasMessageNotContaining("canary");
                });
        assertThat(nobody.toString()).doesNotContain("canary");
    }

    @Test
    void a_source_without_the_table_says_which() {
        ComparedModel gone =
                new ComparedModel("gone", List.of(ComparedCollection.rowsOf(relation(TableId.parse("public.orders")))));

        assertThatThrownBy(() -> {
                    source.autocommit("DROP TABLE orders");
                    reconciler(LIMITS).reconcile(gone, "search", store, Progress.NONE);
                })
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED))
                .hasMessageContaining("public.orders");
    }

    private Report reconcile() {
        return reconciler(LIMITS).reconcile(orders, "search", store, Progress.NONE);
    }

    private Reconciler reconciler(ReconcileLimits limits) {
        return new Reconciler(source.settings(), log, limits);
    }

    /** Commits a transaction at the source and gives it its position. */
    private long capture(String... statements) throws SQLException {
        return log.add(source.commit(statements));
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void insertAgain(int id) {
        try {
            capture("INSERT INTO orders VALUES (" + id + ", 0)");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private Relation relation(TableId table) {
        try {
            return source.relation(table.schema(), table.name());
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static Drift drift(Report report, DriftKind kind) {
        return report.drift().stream()
                .filter(drift -> drift.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + kind + " in " + report.text()));
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }
}
