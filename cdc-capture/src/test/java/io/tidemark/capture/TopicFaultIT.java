package io.tidemark.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.testkit.SharedStack;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Kafka does not take, and what is done to its topics underneath a capture. */
@Timeout(180)
class TopicFaultIT {

    /** A row of 1.6 MB that does not become smaller by compression. */
    private static final String LARGE =
            "INSERT INTO items SELECT 11, string_agg(md5(i::text), '') " + "FROM generate_series(1, 50000) i";

    private SourceUnderCapture items;
    private String topic;

    @BeforeEach
    void create() throws Exception {
        items = SourceUnderCapture.at(
                SharedStack.postgres(),
                SharedStack.kafka(),
                Map.of("max.block.ms", "5000", "delivery.timeout.ms", "6000", "request.timeout.ms", "5000"));
        topic = items.settings().topics().changes(SourceUnderCapture.ITEMS);
        items.startAndCatchUp();
        items.execute("INSERT INTO items SELECT generate_series(1, 10)");
        items.catchUp();
    }

    @AfterEach
    void end() throws Exception {
        items.close();
    }

    @Test
    void a_row_too_large_for_the_client_and_then_for_the_topic_stops_capture_until_both_take_it() throws Exception {
        items.execute(LARGE);
        assertTooLarge(items.awaitFailure());
        items.stop();

        try (SourceUnderCapture generous = items.with(TopicFaultIT::withLargeRequests)) {
            generous.start();
            assertTooLarge(generous.awaitFailure());
            generous.stop();
            generous.start();
            assertTooLarge(generous.awaitFailure());
            generous.stop();

            try (Admin admin = admin()) {
                AlterConfigOp larger =
                        new AlterConfigOp(new ConfigEntry("max.message.bytes", "8000000"), AlterConfigOp.OpType.SET);
                admin.incrementalAlterConfigs(
                                Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(larger)))
                        .all()
                        .get();
            }
            generous.startAndCatchUp();

            generous.assertNothingLostOrTwice();
        }
    }

    @Test
    void a_topic_deleted_underneath_stops_capture() throws Exception {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
        items.execute("INSERT INTO items VALUES (11)");

        assertThat(items.awaitFailure())
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
                .hasMessageContaining("Topics of this capture are gone: [" + topic + "]");
    }

    @Test
    void a_topic_deleted_and_made_anew_underneath_stops_capture() throws Exception {
        makeAnew();
        items.execute("INSERT INTO items VALUES (11)");

        assertMadeAnew(items.awaitFailure());
        items.stop();
        assertThatThrownBy(items::start).isInstanceOfSatisfying(TidemarkException.class, TopicFaultIT::assertMadeAnew);
    }

    @Test
    void a_topic_made_anew_while_nothing_ran_stops_capture_before_it_writes() throws Exception {
        items.stop();
        makeAnew();

        assertThatThrownBy(items::start).isInstanceOfSatisfying(TidemarkException.class, TopicFaultIT::assertMadeAnew);
        assertThat(items.captured().read(topic)).isEmpty();
    }

    private void makeAnew() throws Exception {
        try (Admin admin = admin()) {
            admin.deleteTopics(List.of(topic)).all().get();
            NewTopic anew = new NewTopic(topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
            Awaitility.await("the topic is made anew")
                    .atMost(Duration.ofSeconds(10))
                    .ignoreExceptions()
                    .until(() -> {
                        admin.createTopics(List.of(anew)).all().get();
                        return true;
                    });
        }
    }

    private Admin admin() {
        return Admin.create(new HashMap<String, Object>(items.settings().kafkaClient()));
    }

    private static void assertMadeAnew(TidemarkException e) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.DATA_LOSS);
        assertThat(e).hasMessageContaining("made anew").hasMessageContaining("to start over");
    }

    private void assertTooLarge(TidemarkException e) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.NOT_CAPTURABLE);
        assertThat(e)
                .hasMessageContaining("topic " + topic)
                .hasMessageContaining("max.request.size")
                .hasMessageContaining("max.message.bytes")
                .hasMessageNotContaining("..");
    }

    private static CaptureSettings withLargeRequests(CaptureSettings old) {
        Map<String, String> client = new HashMap<>(old.kafkaClient());
        client.put("max.request.size", "8000000");
        return new CaptureSettings(
                old.source(),
                old.tables(),
                old.slot(),
                old.publication(),
                client,
                old.topics(),
                old.partitions(),
                old.history());
    }
}
