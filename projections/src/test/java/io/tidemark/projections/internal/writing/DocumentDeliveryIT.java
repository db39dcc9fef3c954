package io.tidemark.projections.internal.writing;

import static io.tidemark.projections.internal.writing.DeliveryUnderTest.PATIENCE;
import static io.tidemark.projections.internal.writing.DocumentsTopic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.ErrorCode;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a delivery writes, and what again: when its store loses what it had, when it starts, when it joins its group. */
class DocumentDeliveryIT {

    private final ScriptedWriter writer = new ScriptedWriter();
    private DocumentsTopic topic;
    private DeliveryUnderTest delivery;

    @BeforeEach
    void fill() throws Exception {
        topic = new DocumentsTopic();
        delivery = new DeliveryUnderTest(topic, writer);
        topic.send(1);
        topic.mark(1);
    }

    @AfterEach
    void close() {
        delivery.close();
        topic.close();
    }

    @Test
    void a_writer_out_of_touch_writes_again_what_was_not_written_once_it_owns_the_partition() {
        delivery.start();
        writer.awaitSaid("claim 1");
        writer.failNext(ErrorCode.FENCED);
        topic.send(2);
        topic.mark(2);
        writer.awaitSaid("claim 2");
        assertThat(writer.said())
                .containsSubsequence("open", "rejoin", "1.0", "claim 1", "rejoin", "FENCED", "rejoin", "2.0", "claim 2")
                .containsOnlyOnce("open", "1.0");
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void a_store_that_lost_what_it_held_is_opened_again_and_filled_from_the_start() {
        delivery.start();
        writer.awaitSaid("claim 1");
        writer.failNext(ErrorCode.DATA_LOSS);
        topic.send(2);
        topic.mark(2);
        writer.awaitSaid("claim 2");
        assertThat(writer.said())
                .containsSubsequence("1.0", "claim 1", "DATA_LOSS", "open", "rejoin", "1.0", "2.0", "claim 2");
        delivery.awaitApplied(2);
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void a_store_that_was_filled_is_not_filled_again_by_another_assignment() {
        delivery.start();
        writer.awaitSaid("claim 1");
        // Given the partition, it says so again before it fills it, and once more when the place is kept.
        await().atMost(PATIENCE).until(() -> rejoined() == 3);
        try (KafkaConsumer<byte[], byte[]> other = new KafkaConsumer<>(topic.inGroup())) {
            other.subscribe(List.of(topic.name()));
            await().atMost(PATIENCE).until(() -> {
                other.poll(Duration.ofMillis(100));
                return other.groupMetadata().generationId() > 0;
            });
        }
        await().atMost(PATIENCE).until(() -> rejoined() > 3);
        topic.send(2);
        topic.mark(2);
        writer.awaitSaid("claim 2");
        assertThat(writer.said()).containsOnlyOnce("1.0", "claim 1", "2.0");
    }

    @Test
    void a_store_set_back_while_nothing_ran_is_filled_again_and_claims_nothing_meanwhile() {
        delivery.start();
        writer.awaitSaid("claim 1");
        topic.send(2);
        topic.mark(2);
        writer.awaitSaid("claim 2");
        delivery.close();
        writer.setBack(1);
        topic.send(3);
        topic.mark(3);
        delivery.start(DeliveryUnderTest.ONE_AT_A_TIME);
        writer.awaitSaid("claim 3");
        assertThat(writer.said())
                .containsSubsequence("open", "forget", "1.0", "2.0", "3.0", "claim 3")
                .doesNotContain("claim 1", "claim 2");
    }

    @Test
    void a_store_that_claims_what_was_claimed_last_is_not_filled_again_and_what_came_after_is_written_again() {
        delivery.start();
        writer.awaitSaid("claim 1");
        topic.send(2);
        topic.flush();
        writer.awaitSaid("2.0");
        delivery.close();
        writer.forgetSaid();
        delivery.start();
        topic.mark(2);
        writer.awaitSaid("claim 2");
        assertThat(writer.said()).contains("2.0").doesNotContain("forget", "1.0");
    }

    @Test
    void a_filling_that_was_left_in_the_middle_begins_again() {
        List.of(3L, 10L, 11L).forEach(id -> writer.refuse(key(id)));
        topic.send(2);
        List.of(3L, 10L, 11L).forEach(topic::send);
        topic.mark(11);
        delivery.start(DeliveryUnderTest.ONE_AT_A_TIME);
        // Too many parked.
        delivery.awaitFailure();
        assertThat(writer.said()).contains("2.0").doesNotContain("claim 1");
        writer.refuseNothing();
        writer.forgetSaid();
        delivery.close();
        delivery.start();
        writer.awaitSaid("claim 11");
        assertThat(writer.said()).containsSubsequence("forget", "1.0", "2.0", "11.0", "claim 11");
    }

    @Test
    void nothing_counts_as_applied_while_a_store_is_filled_again() {
        delivery.start();
        await().atMost(PATIENCE).until(() -> delivery.applied().isPresent());
        writer.failNext(ErrorCode.DATA_LOSS);
        // The store takes nothing more.
        Collections.nCopies(1_000, ErrorCode.UNREACHABLE).forEach(writer::failNext);
        topic.send(2);
        writer.awaitSaid("UNREACHABLE");
        assertThat(delivery.applied()).isEmpty();
    }

    @Test
    void any_other_refusal_ends_the_delivery() {
        writer.failNext(ErrorCode.CONFIGURATION);
        delivery.start();
        delivery.awaitFailure();
        assertThat(writer.said()).contains("close").doesNotContain("1.0");
    }

    private long rejoined() {
        return writer.said().stream().filter("rejoin"::equals).count();
    }
}
