package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.internal.kafka.StateTopic;
import java.io.StringReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/**
 * The two ways in which Debezium loses rows when it resumes from stored offsets. The control runs it as it comes, and
 * fails when a new version loses nothing any more: then look whether capture still needs its own way. Capture goes
 * through the same.
 */
@Timeout(180)
class RestartLossIT {

    @TempDir
    private Path directory;

    private SourceUnderCapture items;

    @BeforeEach
    void create() throws Exception {
        items = SourceUnderCapture.onSharedServers();
    }

    @AfterEach
    void end() throws Exception {
        items.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                + items.settings().slot() + "_stock' AND NOT active");
        items.close();
    }

    @Test
    void control_stock_offsets_lose_the_rest_of_a_copy_that_was_processed_in_part() throws Exception {
        StockEngine stock = stockEngine();
        try (StockEngine.Life life = stock.run(id -> id == 4)) {
            awaitStreaming(life, 100);
            copy(1, 10);
            life.awaitDeath();
        }
        awaitReleased(stock);
        assertThat(stock.durable()).containsExactly(1L, 2L, 3L, 4L, 100L);

        try (StockEngine.Life life = stock.run(id -> false)) {
            awaitStreaming(life, 101);
        }

        assertThat(lost(stock, 1, 10)).as("rows the stock engine loses").isNotEmpty();
    }

    @Test
    void a_copy_of_which_a_part_is_durable_is_captured_whole() throws Exception {
        items.startAndCatchUp();
        copy(1, 120_000);
        Awaitility.await("a part of it is durable")
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(30))
                .until(() -> new StateTopic(
                                        items.settings().kafkaClient(),
                                        items.settings().topics())
                                .read()
                                .orElseThrow()
                                .half()
                        != null);
        items.stop();
        assertThat(new StateTopic(
                                items.settings().kafkaClient(), items.settings().topics())
                        .read()
                        .orElseThrow()
                        .half())
                .as("it was stopped within the COPY")
                .isNotNull();

        items.startAndCatchUp();

        items.assertNothingLostOrTwice();
    }

    /** They are lost if the record that follows the confirmed position is one of them: nobody else's lies between. */
    @Test
    void control_stock_offsets_lose_rows_of_a_transaction_open_across_a_stop() throws Exception {
        StockEngine stock = stockEngine();
        long base = 0;
        boolean follows = false;
        while (!follows) {
            base += 1000;
            follows = stopWithinATransaction(stock, base);
            try (StockEngine.Life life = stock.run(id -> false)) {
                awaitStreaming(life, base + 102);
            }
            awaitReleased(stock);
        }

        assertThat(lost(stock, base + 1, base + 10))
                .as("rows the stock engine loses")
                .isNotEmpty();
    }

    @Test
    void a_transaction_open_across_a_stop_is_captured_whole() throws Exception {
        items.startAndCatchUp();
        inATransactionOpenAcross(0, () -> {
            items.execute("INSERT INTO items VALUES (101)");
            items.catchUp();
            items.stop();
        });

        items.startAndCatchUp();

        items.assertNothingLostOrTwice();
    }

    private interface Step {
        void run() throws Exception;
    }

    /**
     * One life of the stock engine that ends within a transaction, after another one was confirmed whole.
     *
     * @return whether the open one's next record is where the engine goes on
     */
    private boolean stopWithinATransaction(StockEngine stock, long base) throws Exception {
        try (StockEngine.Life life = stock.run(id -> false)) {
            awaitStreaming(life, base + 100);
            inATransactionOpenAcross(base, () -> {
                String beforeItsCommit = insertAndSayWhereItsCommitFollows(base + 101);
                life.await(base + 101);
                Awaitility.await("the stock engine confirms the whole transaction of row 101")
                        .until(() -> items.query(
                                        "SELECT confirmed_flush_lsn > '" + beforeItsCommit + "'" + ofSlot(stock))
                                .equals("t"));
                life.stop();
                awaitReleased(stock);
            });
        }
        return items.query("SELECT EXISTS (SELECT FROM pg_logical_slot_peek_binary_changes('" + stock.slot()
                        + "', NULL, NULL, 'proto_version', '1', 'publication_names', '"
                        + items.settings().publication() + "') WHERE lsn = (SELECT confirmed_flush_lsn"
                        + ofSlot(stock) + "))")
                .equals("t");
    }

    /** Until then another life would wait ten seconds before it tries again. */
    private void awaitReleased(StockEngine stock) {
        Awaitility.await("the slot of the stock engine is free")
                .until(() -> items.query("SELECT NOT active" + ofSlot(stock)).equals("t"));
    }

    /** Five rows, then what happens meanwhile, then five more and the commit. */
    private void inATransactionOpenAcross(long base, Step meanwhile) throws Exception {
        try (Connection slow = items.connect();
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            statement.execute("INSERT INTO items SELECT generate_series(%d, %d)".formatted(base + 1, base + 5));
            meanwhile.run();
            statement.execute("INSERT INTO items SELECT generate_series(%d, %d)".formatted(base + 6, base + 10));
            slow.commit();
        }
    }

    /**
     * A transaction of its own. As long as the stock engine has not confirmed its end, it would go on from within it,
     * before the open one's commit, and lose nothing.
     */
    private String insertAndSayWhereItsCommitFollows(long id) throws Exception {
        try (Connection connection = items.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO items VALUES (" + id + ")");
            try (ResultSet position = statement.executeQuery("SELECT pg_current_wal_insert_lsn()")) {
                position.next();
                String beforeItsCommit = position.getString(1);
                connection.commit();
                return beforeItsCommit;
            }
        }
    }

    private static String ofSlot(StockEngine stock) {
        return " FROM pg_replication_slots WHERE slot_name = '" + stock.slot() + "'";
    }

    private StockEngine stockEngine() throws Exception {
        items.execute("CREATE PUBLICATION " + items.settings().publication() + " FOR TABLE items");
        return new StockEngine(items.settings(), directory);
    }

    /** Waits until the slot is there and a row comes through. */
    private void awaitStreaming(StockEngine.Life life, long id) throws Exception {
        String slot = "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = '"
                + items.settings().slot() + "_stock'";
        Awaitility.await("the stock engine streams")
                .atMost(Duration.ofSeconds(30))
                .until(() -> items.query(slot).equals("1"));
        items.execute("INSERT INTO items VALUES (" + id + ")");
        life.await(id);
    }

    private static Set<Long> lost(StockEngine stock, long first, long last) {
        Set<Long> lost = LongStream.rangeClosed(first, last).boxed().collect(Collectors.toCollection(TreeSet::new));
        lost.removeAll(stock.durable());
        System.out.println("stock offsets lose rows " + lost + " of " + first + " to " + last);
        return lost;
    }

    /** COPY writes many rows in one WAL record: they share an LSN. */
    private void copy(int first, int last) throws Exception {
        String rows = LongStream.rangeClosed(first, last)
                .mapToObj(id -> id + "\tcopied\n")
                .collect(Collectors.joining());
        try (Connection connection = items.connect()) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY items FROM STDIN", new StringReader(rows));
        }
    }
}
