package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A standby is promoted that never got the last transactions, which were captured. */
@Timeout(120)
class FailoverIT {

    private LocalStack stack;
    private CapturedSource source;
    private Path data;

    @BeforeEach
    void capture() throws Exception {
        stack = LocalStack.start(StackPlan.of(ServerKind.POSTGRES));
        source = new CapturedSource(stack.postgres(), stack.postgres().createDatabase("shop"));
        data = Path.of(source.query("SHOW data_directory"));
        source.execute(
                "CREATE TABLE items (id int PRIMARY KEY, words text)",
                "CREATE TABLE lines (id int PRIMARY KEY, item int)",
                "INSERT INTO items SELECT i, 'words ' || i FROM generate_series(1, 1000) i",
                "INSERT INTO lines SELECT i, i FROM generate_series(1, 100) i");
        source.capture("items", "lines");
        source.execute("UPDATE items SET words = 'both have it' WHERE id <= 50");
        source.await();
        source.stop();
    }

    @AfterEach
    void close() throws Exception {
        source.close();
        stack.close();
    }

    @Test
    void what_the_promoted_standby_never_got_is_taken_out_of_the_topics() throws Exception {
        copyTo("standby");
        source.restart();
        source.execute(
                "INSERT INTO items SELECT i, 'never got' FROM generate_series(2001, 2200) i",
                "UPDATE items SET words = 'never got' WHERE id BETWEEN 101 AND 120",
                "DELETE FROM items WHERE id BETWEEN 201 AND 210",
                "UPDATE items SET id = 9000 WHERE id = 300",
                "TRUNCATE lines");
        manyTransactions(300);
        source.await();
        CapturedState captured = state();
        String system = source.query("SELECT system_identifier FROM pg_control_system()");
        source.stop();

        promote("standby");
        assertThat(source.query("SELECT system_identifier FROM pg_control_system()"))
                .isEqualTo(system);
        assertThat(Lsn.parse(source.query("SELECT pg_current_wal_insert_lsn()::text")))
                .as("it went back")
                .isLessThan(captured.reached());
        // Other transactions under the xids, and other rows under the keys, of those that are lost.
        source.execute("INSERT INTO items SELECT i, 'other' FROM generate_series(2001, 2050) i");
        manyTransactions(20);

        assertThatThrownBy(source::restart).hasMessageContaining("tidemark recover");
        assertThat(recovery().loss()).hasValueSatisfying(loss -> {
            assertThat(loss.kind()).isEqualTo(Loss.Kind.OTHER_TIMELINE);
            assertThat(loss.what()).contains("Timeline 1 was left at ", "some of which this source may never have got");
        });
        assertThatThrownBy(() -> recovery().requireSameSource())
                .hasMessageContaining("'tidemark recover' mends the topics");
        assertThatThrownBy(() -> recovery().begin(false, false))
                .hasMessageContaining("--other-timeline")
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS));
        assertThat(recovery().begin(true, false)).isPresent();
        source.restart();
        Awaitility.await("the topics are compared")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !state().isRecovering());
        manyTransactions(50);
        source.await();

        assertThat(state().lineage()).isEqualTo(captured.lineage());
        assertThat(state().tidemark()).isGreaterThan(captured.tidemark());
        assertThat(state().reached()).isGreaterThan(captured.reached());
        source.assertCaptured();
        assertThat(source.query("SELECT count(*) FROM items WHERE words = 'never got'"))
                .isEqualTo("0");
        source.restart();
        source.await();
        source.assertCaptured();
    }

    /** With its slot: the server would send what is written next, and capture would take it for captured. */
    @Test
    void a_source_that_was_put_back_to_a_former_state_is_noticed() throws Exception {
        copyTo("former");
        source.restart();
        source.execute("DELETE FROM items WHERE id BETWEEN 201 AND 210");
        manyTransactions(300);
        source.await();
        source.stop();
        putInPlace("former");
        postgres().restart();
        source.reconnect();
        source.execute("UPDATE items SET words = 'after it' WHERE id = 500");

        assertThatThrownBy(source::restart)
                .hasMessageContaining("put back to a former state")
                .hasMessageContaining("tidemark recover");
        assertThat(recovery().loss()).map(Loss::kind).contains(Loss.Kind.FORMER_STATE);
        assertThatThrownBy(() -> recovery().begin(false, false)).hasMessageContaining("--other-timeline");
        assertThat(recovery().begin(true, false)).isPresent();
        source.restart();
        Awaitility.await("the topics are compared")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !state().isRecovering());
        source.await();
        source.assertCaptured();
    }

    /** Whoever starts capture again and again would get past the check as soon as the WAL is as long again. */
    @Test
    void a_former_state_that_was_noticed_once_stays_refused_when_its_wal_is_as_long_again() throws Exception {
        copyTo("former");
        source.restart();
        source.execute("DELETE FROM items WHERE id BETWEEN 201 AND 210");
        manyTransactions(300);
        source.await();
        Lsn reached = state().reached();
        source.stop();
        putInPlace("former");
        postgres().restart();
        source.reconnect();
        assertThatThrownBy(source::restart).hasMessageContaining("put back to a former state");

        source.execute("UPDATE items SET words = 'after it' WHERE id = 500");
        while (Lsn.parse(source.query("SELECT pg_current_wal_insert_lsn()::text"))
                .isBefore(reached)) {
            manyTransactions(50);
        }

        assertThatThrownBy(source::restart).hasMessageContaining("is gone");
        assertThat(recovery().begin(false, false)).map(Loss::kind).contains(Loss.Kind.SLOT_GONE);
        source.restart();
        Awaitility.await("the topics are compared")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !state().isRecovering());
        source.await();
        source.assertCaptured();
    }

    @Test
    void wal_that_the_server_removed_is_made_up_for() throws Exception {
        source.execute(
                "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
                "SELECT pg_reload_conf()",
                "INSERT INTO items SELECT i, 'removed' FROM generate_series(3001, 3100) i");
        for (int segment = 0; segment < 3; segment++) {
            source.execute("SELECT pg_switch_wal()", "DELETE FROM items WHERE id = 3001 + " + segment);
        }
        source.execute("CHECKPOINT");
        assertThatThrownBy(source::restart)
                .hasMessageContaining("The server removed WAL")
                .hasMessageContaining("tidemark recover");

        assertThat(recovery().begin(false, false)).map(Loss::kind).contains(Loss.Kind.WAL_REMOVED);
        source.restart();
        source.await();
        source.assertCaptured();
    }

    @Test
    void another_cluster_is_refused_whatever_is_said() throws Exception {
        try (CapturedSource other = new CapturedSource()) {
            other.execute("CREATE TABLE items (id int PRIMARY KEY, words text)");
            other.execute("CREATE TABLE lines (id int PRIMARY KEY, item int)");
            CaptureRecovery there = new CaptureRecovery(source.settingsFor(other));

            assertThat(there.loss()).map(Loss::kind).contains(Loss.Kind.OTHER_CLUSTER);
            assertThatThrownBy(() -> there.begin(true, true))
                    .hasMessageContaining("another cluster")
                    .hasMessageContaining("new kafka.prefix")
                    .isInstanceOfSatisfying(
                            TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS));
        }
        assertThat(recovery().loss()).isEmpty();
    }

    private void manyTransactions(int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            source.execute("UPDATE items SET words = 'many ' || " + i + " WHERE id = " + (1 + i % 90));
        }
    }

    private PostgresServer postgres() {
        return stack.postgres();
    }

    /** A base copy of the server, which was stopped for it. */
    private void copyTo(String name) throws Exception {
        postgres().stop();
        run("cp", "-a", data.toString(), data.resolveSibling(name).toString());
        postgres().restart();
        source.reconnect();
    }

    /** Ends the primary and promotes the copy in its place. */
    private void promote(String name) throws Exception {
        putInPlace(name);
        Path signal = data.resolve("standby.signal");
        Files.createFile(signal);
        run("chown", "--reference=" + data, signal.toString());
        postgres().restart();
        source.reconnect();
        source.execute("SELECT pg_promote()");
        Awaitility.await("it is promoted")
                .until(() -> source.query("SELECT pg_is_in_recovery()").equals("f"));
    }

    /** Ends the server and has the copy in its place. */
    private void putInPlace(String name) throws Exception {
        postgres().stop();
        run("mv", data.toString(), data + ".replaced");
        run("mv", data.resolveSibling(name).toString(), data.toString());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private CaptureRecovery recovery() {
        return new CaptureRecovery(source.settings());
    }

    private CapturedState state() {
        return CapturedState.read(
                        source.settings().kafkaClient(), source.settings().topics())
                .orElseThrow();
    }
}
