package io.tidemark.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.StoredForm;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.reconciliation.SourceDatabase.Committed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Repair against a real PostgreSQL; the store, the tidemarks and what happens meanwhile are the tests' own. */
class RepairingIT {

    private static final ReconcileLimits LIMITS = new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 100, 100);

    private final HandDrivenLog log = new HandDrivenLog();
    private final InMemoryReader store = new InMemoryReader();
    private final InMemoryMender mender = new InMemoryMender(store);
    private SourceDatabase source;
    private ComparedModel orders;

    /** Five orders; the store holds them all as of position 1. */
    @BeforeEach
    void seededShop() throws SQLException {
        source = SourceDatabase.fresh();
        source.autocommit("CREATE TABLE orders(id int PRIMARY KEY, total numeric)");
        capture("INSERT INTO orders SELECT i, i * 1.10 FROM generate_series(1, 5) i");
        orders = ComparedModel.of(new DocumentModel(
                "orders",
                new DocumentNode(source.relation("public", "orders"), List.of("id", "total"), List.of(), List.of())));
        store.copy(source, orders, 1);
    }

    @Test
    void what_drifted_is_written_as_the_source_has_it_and_looked_at_again() {
        store.put("orders", key(1), 1, Json.object().put("id", 1));
        store.remove("orders", key(2));
        store.put("orders", key(9), 1, Json.object().put("id", 9));

        Report report = repair(Set.of());

        assertThat(report.driftCount()).isEqualTo(3);
        assertThat(report.repair()).isEqualTo(new Repair(3, 0, 0, List.of(), 0));
        assertThat(report.exitCode()).isZero();
        assertThat(report.toJson().at("/repair/mended").asInt()).isEqualTo(3);
        assertThat(report.text()).contains("3 drifted (3 mended)");
        assertThat(repair(Set.of()).verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    @Test
    void what_changes_between_the_comparison_and_the_repair_is_not_taken_back() {
        store.put("orders", key(1), 1, Json.object().put("id", 1));
        store.whenAligning(
                () -> assertThat(mender.mends()).isEmpty(), // the comparison
                () -> {
                    long position = capture("UPDATE orders SET total = 7 WHERE id = 1");
                    store.put("orders", key(1), position, Json.parseObject("{\"id\":1,\"total\":7}"));
                });

        Report report = repair(Set.of());

        assertThat(report.repair()).isEqualTo(new Repair(0, 1, 0, List.of(), 0));
        assertThat(mender.mends()).isEmpty();
        assertThat(stored(1).body()).isEqualTo(Json.parseObject("{\"id\":1,\"total\":7}"));
    }

    /** The second of two transactions is visible before the first: what the snapshot shows never was, as of any position. */
    @Test
    void nothing_is_written_from_a_snapshot_that_sees_past_its_horizon() throws SQLException {
        store.put("orders", key(1), 1, Json.object().put("id", 1));
        try (Connection first = source.connect()) {
            first.setAutoCommit(false);
            try (var statement = first.createStatement()) {
                statement.execute("UPDATE orders SET total = 3 WHERE id = 3");
            }
            log.add(new Committed(SourceDatabase.xid(first), HandDrivenLog.FAR_AHEAD));
            capture("UPDATE orders SET total = 7 WHERE id = 1");

            assertThat(repair(Set.of()).repair()).satisfies(repair -> {
                assertThat(repair.mended()).isZero();
                assertThat(repair.left()).extracting(Repair.Left::key).containsExactly(key(1));
            });
            assertThat(mender.mends()).isEmpty();
            first.commit();
        }
    }

    @Test
    void a_position_that_no_transaction_has_is_replaced_once_it_stays() {
        store.put("orders", key(1), 1_000, Json.object().put("id", 1));

        assertThat(repair(Set.of()).repair()).isEqualTo(new Repair(1, 0, 0, List.of(), 0));
        assertThat(stored(1).position()).isEqualTo(1);
    }

    @Test
    void what_is_parked_or_refused_is_left_and_said_so() {
        store.remove("orders", key(2));
        store.remove("orders", key(3));
        mender.refuse(key(3));

        Report report = repair(Set.of(key(2)));

        assertThat(report.repair())
                .isEqualTo(new Repair(0, 0, 1, List.of(new Repair.Left("orders", key(3), "it is refused")), 1));
        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(report.toJson().at("/repair/left/0/reason").asText()).isEqualTo("it is refused");
    }

    /** A store found it under the id of a document of the source, which says another key. */
    @Test
    void what_stood_in_the_place_of_a_document_gives_way_to_it() {
        store.remove("orders", key(2));
        RowKey foreign = new RowKey("{\"_id\":\"2\"}");
        store.put("orders", foreign, 1, Json.object().put("id", 8));

        assertThat(repair(Set.of()).repair())
                .satisfies(repair -> assertThat(repair.complete()).isTrue());
        assertThat(store.documents("orders")).doesNotContainKey(foreign).containsKey(key(2));
        assertThat(repair(Set.of()).verdict()).isEqualTo(Verdict.NO_DRIFT);
    }

    /** In a real store both are one place: to delete the one would delete the other. */
    @Test
    void a_document_that_the_source_has_under_another_spelling_of_its_key_is_not_deleted() {
        store.put("orders", new RowKey("{\"id\":\"2\"}"), 1, Json.object().put("id", 2));
        store.put("orders", new RowKey("{\"id\": 3}"), 1, Json.object().put("id", 3));

        repair(Set.of());

        assertThat(mender.mends()).extracting(mend -> mend.document().key()).containsExactlyInAnyOrder(key(2), key(3));
        assertThat(mender.mends()).noneMatch(mend -> mend.document().deletes());
    }

    @Test
    void what_a_mapping_fails_on_is_not_stored_as_it_is() {
        store.put("orders", key(1), 1, Json.object().put("id", 1));
        ComparedCollection collection = orders.collections().get(0);
        orders = new ComparedModel(
                "orders",
                List.of(new ComparedCollection(
                        "orders", collection.root(), collection.keyed(), new StoredForm("1", (key, document) -> {
                            throw new IllegalStateException("no total");
                        }))));

        assertThat(repair(Set.of()).repair().left())
                .extracting(Repair.Left::key)
                .contains(key(1));
        assertThat(mender.mends()).isEmpty();
    }

    @Test
    void a_store_that_goes_away_during_the_repair_takes_nothing_of_what_was_found_along() {
        store.remove("orders", key(1));
        store.remove("orders", key(2));
        store.remove("orders", key(3));
        store.whenAligning(
                () -> assertThat(mender.mends()).isEmpty(), // the comparison
                () -> assertThat(mender.mends()).isEmpty(), // its second look
                () -> {
                    throw new TidemarkException(ErrorCode.UNREACHABLE, "the store is gone");
                });

        Report report = repair(Set.of());

        assertThat(report.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(report.exitCode()).isEqualTo(1);
        assertThat(report.repair().left())
                .extracting(Repair.Left::key, Repair.Left::reason)
                .containsExactlyInAnyOrder(
                        tuple(key(1), "the store is gone"),
                        tuple(key(2), "the store is gone"),
                        tuple(key(3), "the store is gone"));
    }

    @Test
    void more_than_can_be_remembered_is_left_for_the_next_run() {
        for (int id = 1; id <= 5; id++) {
            store.put("orders", key(id), 1, Json.object().put("id", id));
        }
        ReconcileLimits few = new ReconcileLimits(Duration.ofSeconds(20), 2, 4, 100, 3);

        Report report = new Reconciler(source.settings(), log, few)
                .repair(orders, "search", store, mender, key -> false, Progress.NONE);

        assertThat(report.repair()).isEqualTo(new Repair(3, 0, 0, List.of(), 2));
        assertThat(report.exitCode()).isEqualTo(1);
    }

    private Report repair(Set<RowKey> parked) {
        return new Reconciler(source.settings(), log, LIMITS)
                .repair(orders, "search", store, mender, parked::contains, Progress.NONE);
    }

    private StoredDocument stored(int id) {
        return store.documents("orders").get(key(id));
    }

    private long capture(String... statements) throws SQLException {
        return log.add(source.commit(statements));
    }

    private static RowKey key(int id) {
        return new RowKey("{\"id\":" + id + "}");
    }
}
