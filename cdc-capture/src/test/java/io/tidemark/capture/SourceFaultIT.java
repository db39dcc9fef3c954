package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is done to the source underneath a capture: said at once, and nothing lost once it is mended. */
@Timeout(180)
class SourceFaultIT {

    private SourceUnderCapture items;
    private String publication;

    @BeforeEach
    void capture() throws Exception {
        items = SourceUnderCapture.onSharedServers();
        publication = items.settings().publication();
        items.startAndCatchUp();
        items.execute("INSERT INTO items SELECT generate_series(1, 10)");
        items.catchUp();
    }

    @AfterEach
    void end() throws Exception {
        items.close();
    }

    @Test
    void a_publication_dropped_underneath_stops_capture_and_stays_a_loss_when_it_is_made_again() throws Exception {
        items.execute("DROP PUBLICATION " + publication);
        items.execute("INSERT INTO items VALUES (11)");

        assertLoss(items.awaitFailure(), "Publication '" + publication + "' ", "does not send what was changed");
        items.stop();
        items.execute("CREATE PUBLICATION " + publication + " FOR TABLE items");
        assertThatThrownBy(items::start)
                .isInstanceOfSatisfying(TidemarkException.class, e -> assertLoss(e, "was dropped and made anew"));

        try (SourceUnderCapture anew = items.with(SourceFaultIT::underANewPrefix)) {
            anew.startAndCatchUp();
            anew.execute("UPDATE items SET words = 'x' WHERE id = 11");
            anew.catchUp();
            anew.assertNothingLostOrTwice();
        }
    }

    @Test
    void a_publication_dropped_and_made_again_between_two_looks_stops_capture() throws Exception {
        items.execute("BEGIN; DROP PUBLICATION " + publication + "; CREATE PUBLICATION " + publication
                + " FOR TABLE items; COMMIT");

        assertLoss(items.awaitFailure(), publication);
    }

    @Test
    void a_table_taken_out_of_the_publication_underneath_stops_capture() throws Exception {
        items.execute("CREATE TABLE others (id int PRIMARY KEY)");
        items.execute("ALTER PUBLICATION " + publication + " SET TABLE others");

        assertLoss(items.awaitFailure(), "lost table public.items", "from about ");
    }

    @Test
    void a_table_taken_out_and_put_back_while_nothing_ran_is_a_loss() throws Exception {
        items.stop();
        items.execute("CREATE TABLE others (id int PRIMARY KEY)");
        items.execute("ALTER PUBLICATION " + publication + " SET TABLE others");
        items.execute("INSERT INTO items VALUES (11)");
        items.execute("ALTER PUBLICATION " + publication + " SET TABLE items, others");

        assertThatThrownBy(items::start)
                .isInstanceOfSatisfying(
                        TidemarkException.class, e -> assertLoss(e, "lost table public.items and got it back"));
    }

    @Test
    void what_leaves_the_captured_tables_alone_does_not_stop_capture() throws Exception {
        items.execute("CREATE TABLE others (id int PRIMARY KEY)");
        items.execute("ALTER PUBLICATION " + publication + " ADD TABLE others");
        items.execute("ALTER TABLE items ADD COLUMN more int");
        Awaitility.await("looked at twice")
                .during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(4))
                .until(() -> !items.runner().ended().isDone());
        items.stop();
        items.execute("DROP TABLE others");

        items.startAndCatchUp();

        items.execute("ALTER TABLE items DROP COLUMN more");
        items.execute("INSERT INTO items VALUES (11)");
        items.catchUp();
        items.assertNothingLostOrTwice();
    }

    @Test
    void a_table_renamed_underneath_is_said_to_be() throws Exception {
        items.execute("ALTER TABLE items RENAME TO things");

        assertThat(items.awaitFailure())
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_CAPTURABLE))
                .hasMessageContaining("Table public.items was renamed to public.things");
    }

    @Test
    void a_slot_dropped_underneath_stops_capture() throws Exception {
        String slot = items.settings().slot();
        Awaitility.await("the slot is dropped")
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    items.query("SELECT count(pg_terminate_backend(active_pid)) FROM pg_replication_slots"
                            + " WHERE slot_name = '" + slot + "'");
                    items.execute("SELECT pg_drop_replication_slot('" + slot + "')");
                });

        assertLoss(items.awaitFailure(), "The replication slot '" + slot + "' is gone");
    }

    @Test
    void a_password_changed_underneath_is_waited_for_and_nothing_is_lost() throws Exception {
        String role = "role_" + items.settings().slot();
        items.execute("CREATE ROLE " + role + " SUPERUSER REPLICATION LOGIN PASSWORD 'first'");
        items.stop();
        try (SourceUnderCapture other = items.with(settings -> as(settings, role, "first"))) {
            other.startAndCatchUp();
            items.execute("ALTER ROLE " + role + " PASSWORD 'second'");
            items.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                    + items.settings().slot() + "'");
            items.execute("INSERT INTO items VALUES (11)");
            Awaitility.await("it waits")
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> !other.runner().ended().isDone());
            assertThat(other.captured().fold(SourceUnderCapture.ITEMS)).hasSize(10);

            items.execute("ALTER ROLE " + role + " PASSWORD 'first'");
            other.catchUp();

            other.assertNothingLostOrTwice();
            other.stop();
        }
    }

    private static void assertLoss(TidemarkException e, String... said) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.DATA_LOSS);
        assertThat(e).hasMessageContaining("kafka.prefix");
        assertThat(e.getMessage()).contains(said);
    }

    private static CaptureSettings underANewPrefix(CaptureSettings old) {
        String name = old.slot() + "_anew";
        return new CaptureSettings(
                old.source(),
                old.tables(),
                name,
                name,
                old.kafkaClient(),
                new Topics(name),
                old.partitions(),
                old.history());
    }

    private static CaptureSettings as(CaptureSettings old, String user, String password) {
        return new CaptureSettings(
                new CaptureSettings.Source(old.source().jdbcUrl(), user, new Secret(password)),
                old.tables(),
                old.slot(),
                old.publication(),
                old.kafkaClient(),
                old.topics(),
                old.partitions(),
                old.history());
    }
}
