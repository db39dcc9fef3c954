package io.tidemark.capture;

import static io.tidemark.capture.CapturedSource.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.ChangeProducer;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Gap;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way back after changes were lost. The judge is the source's own SQL. */
@Timeout(120)
class RecoveryIT {

    private static final long SEED = Long.getLong("tidemark.crash.seed", System.nanoTime());

    private CapturedSource source;

    @BeforeEach
    void capture() throws Exception {
        source = new CapturedSource();
        source.execute(
                "CREATE TABLE items (id int PRIMARY KEY, words text, price numeric(12, 4))",
                "CREATE TABLE lines (item int, no int, amount int, PRIMARY KEY (item, no))",
                "CREATE TABLE still (id int PRIMARY KEY, words text)",
                "INSERT INTO items SELECT i, 'words ' || i, i * 1.10 FROM generate_series(1, 2000) i",
                "INSERT INTO lines SELECT i, 1, i FROM generate_series(1, 50) i",
                "INSERT INTO still SELECT i, 'as it was' FROM generate_series(1, 100) i");
        source.capture("items", "lines", "still");
        source.execute("UPDATE items SET words = 'captured' WHERE id <= 100", "DELETE FROM items WHERE id = 1999");
        source.await();
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    @Test
    void after_a_dropped_slot_what_differs_is_written_and_no_more_and_the_history_says_so() throws Exception {
        CapturedState before = state();
        loseSlot();
        source.execute(
                "INSERT INTO items SELECT i, 'new', 1 FROM generate_series(2001, 2003) i",
                "UPDATE items SET words = 'changed' WHERE id BETWEEN 101 AND 105",
                "UPDATE items SET words = 'changed' WHERE id = 200",
                "UPDATE items SET words = 'words 200' WHERE id = 200",
                "UPDATE items SET id = 5000 WHERE id = 300",
                "DELETE FROM items WHERE id IN (400, 401)",
                "INSERT INTO items VALUES (1999, 'again', 2)",
                "TRUNCATE lines",
                "INSERT INTO lines VALUES (7, 1, 7), (7, 2, 7)");
        int items = source.topics().changes(table("items")).size();
        int still = source.topics().changes(table("still")).size();
        assertThatThrownBy(source::restart).isInstanceOfSatisfying(TidemarkException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS);
            assertThat(e)
                    .hasMessageContaining("is gone, but its topics are not")
                    .hasMessageContaining("tidemark recover");
        });

        assertThat(recovery().loss()).map(Loss::kind).contains(Loss.Kind.SLOT_GONE);
        recovery().requireSameSource();
        assertThat(recovery().differences())
                .containsExactlyInAnyOrder(
                        new TableDifference(table("items"), 2001, 5, 5, 3),
                        new TableDifference(table("lines"), 2, 1, 0, 49),
                        new TableDifference(table("still"), 100, 0, 0, 0));
        assertThat(recovery().begin(false, false)).map(Loss::kind).contains(Loss.Kind.SLOT_GONE);
        source.restart();
        awaitRecovered();

        assertThat(source.topics().changes(table("items"))).hasSize(items + 5 + 5 + 3);
        assertThat(source.topics().changes(table("still"))).hasSize(still);
        assertGap(before, 10 + 1, 3 + 49);
        source.execute("UPDATE items SET words = 'after' WHERE id < 10", "DELETE FROM lines WHERE no = 2");
        source.await();
        source.assertCaptured();
        source.restart();
        source.await();
        source.assertCaptured();
    }

    /** Of which nothing is known, between which tidemarks. */
    private void assertGap(CapturedState before, long written, long deleted) {
        CapturedState after = state();
        assertThat(after.lineage()).isEqualTo(before.lineage());
        assertThat(after.gaps()).hasSize(1);
        Gap gap = after.gaps().get(0);
        assertThat(gap.from()).isEqualTo(before.tidemark().number());
        assertThat(gap.lsn()).isGreaterThanOrEqualTo(before.tidemark().lsn());
        assertThat(gap.since()).isEqualTo(before.commitTime());
        assertThat(gap.written()).isEqualTo(written);
        assertThat(gap.deleted()).isEqualTo(deleted);
        List<Tidemark> ending = source.topics().tidemarks().stream()
                .filter(tidemark -> tidemark.gap() != null)
                .toList();
        assertThat(ending).hasSize(1);
        assertThat(ending.get(0).gap()).isEqualTo(gap);
        assertThat(ending.get(0).number()).isEqualTo(gap.to()).isGreaterThan(gap.from() + 1);
        assertThat(source.topics().tidemarks())
                .noneMatch(tidemark -> gap.holds(tidemark.number()))
                .isSortedAccordingTo((one, next) -> one.ref().compareTo(next.ref()));
    }

    @Test
    void traffic_goes_on_while_topics_are_compared() throws Exception {
        source.execute("INSERT INTO items SELECT i, 'words ' || i, i FROM generate_series(10000, 50000) i");
        source.await();
        loseSlot();
        CountDownLatch stopping = new CountDownLatch(1);
        CompletableFuture<Integer> traffic = traffic(stopping);
        source.execute("DELETE FROM items WHERE id % 7 = 0", "UPDATE items SET words = 'lost' WHERE id % 11 = 0");

        assertThat(recovery().begin(false, false)).isPresent();
        source.restart();
        awaitRecovered();
        stopping.countDown();
        assertThat(traffic.get()).as("transactions of seed %s", SEED).isPositive();
        source.await();

        source.assertCaptured();
    }

    /** Rows that come, go, come back, change their keys, and tables that are emptied. */
    private CompletableFuture<Integer> traffic(CountDownLatch stopping) {
        return CompletableFuture.supplyAsync(() -> {
            SplittableRandom random = new SplittableRandom(SEED);
            int transactions = 0;
            try (Connection connection = source.connect();
                    Statement statement = connection.createStatement()) {
                // Paced: a stream that capture cannot keep up with never passes a snapshot.
                while (!stopping.await(2, TimeUnit.MILLISECONDS)) {
                    // A table that is emptied again and again is never read to its end.
                    statement.execute(
                            transactions % 500 == 99 && transactions < 2000 ? "TRUNCATE lines" : statement(random));
                    transactions++;
                }
                return transactions;
            } catch (SQLException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String statement(SplittableRandom random) {
        int id = random.nextInt(10_000, 50_000);
        return switch (random.nextInt(6)) {
            case 0 -> "DELETE FROM items WHERE id BETWEEN " + id + " AND " + (id + 20);
            case 1 ->
                "INSERT INTO items SELECT i, 'traffic', 1 FROM generate_series(" + id + ", " + (id + 20)
                        + ") i ON CONFLICT (id) DO UPDATE SET words = items.words || '+'";
            case 2 ->
                "UPDATE items SET id = -id WHERE id BETWEEN " + id + " AND " + (id + 5)
                        + " AND NOT EXISTS (SELECT FROM items o WHERE o.id = -items.id)";
            case 3 -> "UPDATE items SET words = 'lost' WHERE id = " + id;
            case 4 -> "INSERT INTO lines VALUES (" + id + ", 1, 1) ON CONFLICT DO NOTHING";
            default -> "DELETE FROM lines WHERE item < " + id;
        };
    }

    @Test
    void a_session_that_ends_meanwhile_and_a_slot_that_is_lost_meanwhile_are_recovered_too() throws Exception {
        source.execute("INSERT INTO items SELECT i, 'words ' || i, i FROM generate_series(10000, 60000) i");
        source.await();
        CapturedState before = state();
        loseSlot();
        source.execute("UPDATE items SET words = 'lost' WHERE id % 3 = 0", "DELETE FROM items WHERE id % 5 = 0");
        assertThat(recovery().begin(false, false)).isPresent();

        source.restart();
        source.stop();
        assertThat(state().isRecovering()).isTrue();
        loseSlot();
        source.execute("UPDATE items SET words = 'lost again' WHERE id % 13 = 0", "DELETE FROM still WHERE id < 5");
        assertThatThrownBy(source::restart).hasMessageContaining("is gone");
        assertThat(recovery().begin(false, false)).isPresent();
        source.restart();
        awaitRecovered();

        source.await();
        source.assertCaptured();
        assertThat(state().gaps()).hasSize(1);
        assertThat(state().gaps().get(0).from()).isEqualTo(before.tidemark().number());
    }

    @Test
    void a_slot_that_somebody_moved_is_replaced() throws Exception {
        source.stop();
        source.execute("INSERT INTO items VALUES (-1, 'passed over', 1)");
        source.execute(
                "SELECT pg_replication_slot_advance('" + source.settings().slot() + "', pg_current_wal_lsn())");
        source.restart();
        source.assertStops(ErrorCode.DATA_LOSS, "past the newest tidemark", "tidemark recover");
        source.stop();

        assertThat(recovery().begin(false, false)).map(Loss::kind).contains(Loss.Kind.SLOT_MOVED);
        source.restart();
        source.await();

        source.assertCaptured();
    }

    @Test
    void a_slot_made_by_a_recovery_that_was_killed_is_no_place_to_go_on_from() throws Exception {
        loseSlot();
        source.execute(
                "DELETE FROM items WHERE id = 1",
                "SELECT pg_create_logical_replication_slot('"
                        + source.settings().slot() + "', 'pgoutput')");
        source.restart();
        source.assertStops(ErrorCode.DATA_LOSS, "past the newest tidemark");
        source.stop();

        assertThat(recovery().begin(false, false)).isPresent();
        source.restart();
        source.await();
        source.assertCaptured();
    }

    @Test
    void what_a_publication_did_not_send_is_found() throws Exception {
        source.stop();
        source.execute(
                "ALTER PUBLICATION " + source.publication() + " DROP TABLE items",
                "UPDATE items SET words = 'not sent' WHERE id = 3",
                "ALTER PUBLICATION " + source.publication() + " ADD TABLE items");

        // Read models can be compared all the same: it is the source of their topics.
        recovery().requireSameSource();
        assertThat(recovery().begin(false, false)).map(Loss::kind).contains(Loss.Kind.PUBLICATION_CHANGED);
        source.restart();
        source.await();
        source.assertCaptured();
        source.restart();
        source.await();
    }

    @Test
    void a_transaction_of_which_a_part_was_captured_is_made_whole() throws Exception {
        source.execute("INSERT INTO items SELECT i, 'large', 1 FROM generate_series(100000, 220000) i");
        Awaitility.await("a part of it is durable")
                .pollInterval(Duration.ofMillis(10))
                .until(() -> new StateTopic(
                                        source.settings().kafkaClient(),
                                        source.settings().topics())
                                .read()
                                .orElseThrow()
                                .half()
                        != null);
        loseSlot();
        source.execute("DELETE FROM items WHERE id > 110000");

        assertThat(recovery().begin(false, false)).isPresent();
        source.restart();
        awaitRecovered();
        source.await();

        source.assertCaptured();
    }

    @Test
    void tables_altered_while_nothing_was_captured_are_described_anew() throws Exception {
        loseSlot();
        source.execute(
                "ALTER TABLE items ADD COLUMN colour text",
                "UPDATE items SET colour = 'red' WHERE id < 5",
                "ALTER TABLE lines ADD COLUMN unit text NOT NULL DEFAULT 'piece'",
                "ALTER TABLE still DROP COLUMN words");
        int items = source.topics().changes(table("items")).size();

        assertThat(recovery().begin(false, false)).isPresent();
        source.restart();
        awaitRecovered();
        source.await();

        assertThat(source.topics().changes(table("items"))).hasSize(items + 4);
        assertThat(source.columns("items")).contains("colour text");
        source.assertCaptured();
    }

    @Test
    void where_nothing_is_lost_nothing_is_done_and_what_cannot_be_mended_is_refused() throws Exception {
        assertRefused(ErrorCode.CONFIGURATION, "A capture reads slot");
        source.stop();
        try (Connection alters = source.connect();
                Statement lock = alters.createStatement()) {
            alters.setAutoCommit(false);
            lock.execute("LOCK TABLE items");
            assertThat(recovery().loss())
                    .as("of what is published nothing can be seen")
                    .isEmpty();
        }
        assertThat(recovery().loss()).isEmpty();
        assertThat(recovery().begin(false, false)).isEmpty();
        assertThat(state().gaps()).isEmpty();

        source.execute("UPDATE items SET words = 'before the table is made anew'");
        loseSlot();
        source.execute("DROP TABLE still", "CREATE TABLE still (id int PRIMARY KEY, words text)");
        source.execute("ALTER PUBLICATION " + source.publication() + " ADD TABLE still");
        assertRefused(ErrorCode.NOT_CAPTURABLE, "Table public.still was dropped and made anew");
        assertThat(state().isRecovering()).isFalse();
    }

    @Test
    void all_is_compared_when_somebody_says_so() throws Exception {
        source.stop();
        assertThat(recovery().begin(false, true)).map(Loss::kind).contains(Loss.Kind.SAID_SO);
        source.execute("INSERT INTO items VALUES (-5, 'meanwhile', 1)");
        source.restart();
        source.await();

        source.assertCaptured();
        assertThat(state().gaps().get(0).written()).isLessThanOrEqualTo(1);
    }

    /**
     * As of a capture of the former primary that is slow: it looked at the state before somebody recovered the topics from
     * a promoted standby, and owns its slot, and the topics, after that.
     */
    @Test
    void a_capture_that_comes_late_does_not_go_on_with_what_was_recovered_from_another_timeline() throws Exception {
        try (Connection alters = source.connect();
                Statement lock = alters.createStatement()) {
            alters.setAutoCommit(false);
            lock.execute("LOCK TABLE items");
            source.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                    + source.settings().slot() + "'");
            // It has seen the state, and waits to see what is published.
            Awaitility.await("a session waits to begin")
                    .until(() -> source.query("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND application_name = 'tidemark' AND query_start < now() - interval '1 s'"
                                    + " AND datname = current_database()")
                            .equals("t"));
            recoverFromAnotherTimeline();
            alters.rollback();
        }

        source.assertStops(ErrorCode.DATA_LOSS, "timeline 1, but the topics go on from", "timeline 2");
        assertThat(state().isRecovering()).isTrue();
    }

    private void recoverFromAnotherTimeline() {
        try (ChangeProducer producer = new ChangeProducer(source.settings())) {
            producer.init();
            CaptureState before = new StateTopic(
                            source.settings().kafkaClient(), source.settings().topics())
                    .read()
                    .orElseThrow();
            CaptureState next = before.recovering(
                    before.timeline() + 1,
                    before.lsn(),
                    before.commitTime(),
                    List.of(FillingTable.compared(table("items"), Standing.WRONG)));
            TidemarkRef ref = next.cut().tidemark();
            producer.commit(next, new Tidemark(ref.number(), ref.lsn(), true, Map.of(), List.of()), null);
        }
    }

    private void assertRefused(ErrorCode code, String reason) {
        assertThatThrownBy(() -> recovery().begin(false, false))
                .hasMessageContaining(reason)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private CaptureRecovery recovery() {
        return new CaptureRecovery(source.settings());
    }

    private CapturedState state() {
        Optional<CapturedState> state = CapturedState.read(
                source.settings().kafkaClient(), source.settings().topics());
        return state.orElseThrow();
    }

    private void loseSlot() throws SQLException {
        source.stop();
        source.execute("SELECT pg_drop_replication_slot('" + source.settings().slot() + "')");
    }

    private void awaitRecovered() {
        Awaitility.await("the topics are compared")
                .atMost(Duration.ofSeconds(60))
                .until(() -> !state().isRecovering());
    }
}
