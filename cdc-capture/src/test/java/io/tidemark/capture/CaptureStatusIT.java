package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.CaptureStatus.Standing;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a capture counts, and how it says that it stands by or waits. */
class CaptureStatusIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private CapturedSource source;

    @BeforeEach
    void capture() throws Exception {
        source = new CapturedSource();
        source.execute(
                "CREATE TABLE items (id int PRIMARY KEY, note text)",
                "INSERT INTO items SELECT i, 'read' FROM generate_series(1, 30) i");
        source.capture("items");
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    private CaptureStatus status() {
        return source.runner().status();
    }

    @Test
    void rows_transactions_and_changes_are_counted_once_they_are_committed() throws Exception {
        CaptureStatus before = status();
        assertThat(before.snapshotRows()).isEqualTo(30);
        assertThat(before.standing()).isEqualTo(Standing.READS);
        assertThat(before.waitsFor()).isEmpty();
        source.execute(
                "INSERT INTO items VALUES (31, 'a')",
                "BEGIN; UPDATE items SET note = 'b' WHERE id < 11; DELETE FROM items WHERE id = 11; COMMIT");
        source.await();

        Awaitility.await().atMost(PATIENCE).until(() -> status().transactions() - before.transactions() == 2);
        CaptureStatus after = status();
        assertThat(after.changes() - before.changes()).isEqualTo(12);
        assertThat(after.snapshotRows()).isEqualTo(30);
        assertThat(after.commits()).isGreaterThan(before.commits());
        assertThat(after.commitTime()).isGreaterThan(before.commitTime());
        assertThat(after.tidemark().number()).isEqualTo(before.tidemark().number() + 2);
        assertThat(Duration.between(after.lastCommit().orElseThrow(), Instant.now()))
                .isBetween(Duration.ofSeconds(-1), PATIENCE);
    }

    @Test
    void the_newest_tidemark_stays_young_while_nothing_is_written() {
        Instant before = status().tidemarkAt().orElseThrow();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> status().tidemarkAt().orElseThrow().isAfter(before.plusSeconds(1)));
    }

    @Test
    void a_transaction_in_parts_counts_whole() throws Exception {
        CaptureStatus before = status();
        source.execute("INSERT INTO items SELECT i, 'many' FROM generate_series(1001, 121000) i");
        source.await();
        Awaitility.await().atMost(PATIENCE).until(() -> status().transactions() - before.transactions() == 1);
        assertThat(status().changes() - before.changes()).isEqualTo(120_000);
    }

    @Test
    void a_second_capture_stands_by_and_reads_once_it_has_taken_over() throws Exception {
        try (CaptureRunner second = new CaptureRunner(source.settings(), SnapshotProgress.NONE)) {
            assertThat(second.status().standing()).isEqualTo(Standing.WAITS);
            assertThat(second.status().waitsFor()).isEqualTo("the first message of the replication slot");
            second.start();
            Awaitility.await().atMost(PATIENCE).until(() -> second.status().standing() == Standing.STANDS_BY);
            assertThat(second.status().waitsFor()).contains("is being read by another capture");
            source.stop();
            second.awaitOwned();
            assertThat(second.status().standing()).isEqualTo(Standing.READS);
        }
    }
}
