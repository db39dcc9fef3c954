package io.tidemark.capture;

import static io.tidemark.capture.CapturedSource.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.capture.internal.kafka.CaptureState;
import io.tidemark.capture.internal.kafka.FillingTable;
import io.tidemark.capture.internal.kafka.FillingTable.Standing;
import io.tidemark.capture.internal.kafka.StateTopic;
import io.tidemark.capture.internal.snapshot.Backfill;
import io.tidemark.capture.internal.snapshot.Chunk;
import io.tidemark.capture.internal.snapshot.SnapshotMeter;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was compared with a topic under a snapshot that was given up before it was written. */
@Timeout(60)
class GivenUpSnapshotIT {

    private static final TableId LOGS = table("logs");

    private final Semaphore ready = new Semaphore(0);
    private CapturedSource source;
    private CaptureState captured;
    private Backfill backfill;

    @BeforeEach
    void capture() throws Exception {
        source = new CapturedSource();
        source.execute(
                "CREATE TABLE logs (id int PRIMARY KEY, words text) PARTITION BY RANGE (id)",
                "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (100) TO (200)",
                "INSERT INTO logs SELECT i, 'words' FROM generate_series(0, 199) i");
        source.capture("logs");
        source.await();
        source.stop();
        captured = new StateTopic(
                        source.settings().kafkaClient(), source.settings().topics())
                .read()
                .orElseThrow();
        backfill = new Backfill(source.settings(), new SnapshotMeter(SnapshotProgress.NONE), ready::release);
        backfill.add(FillingTable.compared(LOGS, Standing.WRONG));
    }

    @AfterEach
    void close() throws Exception {
        backfill.close();
        source.close();
    }

    /** The stream says nothing of it: what was seen before it must not count as still there. */
    @Test
    void rows_that_went_without_a_trace_after_they_were_met_are_found() throws Exception {
        assertThat(nextChunk()).isEmpty();
        assertThat(ready.tryAcquire(30, TimeUnit.SECONDS)).as("read").isTrue();
        CompletableFuture<Void> truncate = CompletableFuture.runAsync(() -> {
            try (Connection connection = source.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("TRUNCATE logs_1");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await("the readers keep it from being truncated").until(() -> source.query(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'logs_1'::regclass")
                .equals("1"));

        giveUp();
        truncate.get(30, TimeUnit.SECONDS);
        int written = readOn();

        assertThat(written).as("the topic has the others as they are").isZero();
        assertThat(leftovers()).hasSize(100);
    }

    /** As when too many rows were touched meanwhile. */
    private void giveUp() throws SQLException {
        backfill.rewritten(LOGS, now());
        assertThat(nextChunk()).isEmpty();
    }

    /** Reads and writes it to its end; says how many rows differ. */
    private int readOn() throws Exception {
        int rows = 0;
        for (boolean last = false; !last; ) {
            Optional<Chunk> chunk = nextChunk();
            if (chunk.isPresent()) {
                backfill.written(chunk.get());
                rows += chunk.get().rows().size();
                last = chunk.get().endsRange() != null;
            } else {
                boolean unused = ready.tryAcquire(100, TimeUnit.MILLISECONDS);
            }
        }
        return rows;
    }

    private List<RowKey> leftovers() {
        return Awaitility.await("what is left over")
                .until(() -> backfill.nextLeftovers(now(), this::ends), Optional::isPresent)
                .orElseThrow()
                .keys();
    }

    private Optional<Chunk> nextChunk() throws SQLException {
        return backfill.nextChunk(now(), captured.cut().tidemark().number(), this::ends);
    }

    private List<Long> ends(TableId id) {
        return captured.cut().offsets().getOrDefault(source.settings().topics().changes(id), List.of());
    }

    private Lsn now() throws SQLException {
        return Lsn.parse(source.query("SELECT pg_current_wal_insert_lsn()"));
    }
}
