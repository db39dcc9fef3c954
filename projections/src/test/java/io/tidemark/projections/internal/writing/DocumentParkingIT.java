package io.tidemark.projections.internal.writing;

import static io.tidemark.projections.internal.writing.DeliveryUnderTest.PATIENCE;
import static io.tidemark.projections.internal.writing.DocumentsTopic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Version;
import io.tidemark.model.store.Document;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocument.ParkedKey;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.ParkedDocuments.Wish;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Documents that a store refuses, or that are withheld: parked beside a delivery that goes on, tried again, dropped, and freed. */
class DocumentParkingIT {

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
    void what_a_store_refuses_is_parked_with_everything_later_of_its_key_and_the_tidemark_goes_on() {
        writer.refuse(key(2));
        delivery.start();
        topic.send(2);
        topic.send(3);
        topic.mark(3);
        writer.awaitSaid("claim 3");
        assertThat(writer.said()).contains("3.0").doesNotContain("2.0");

        writer.refuseNothing();
        topic.send(2, 4);
        topic.mark(4);
        writer.awaitSaid("claim 4");
        assertThat(writer.said()).as("it would be taken now").doesNotContain("4.0");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            assertThat(parked.of("cache")).isEmpty();
            assertThat(parked.of("search")).singleElement().satisfies(document -> {
                assertThat(document.id().key()).isEqualTo(key(2));
                assertThat(document.version()).isEqualTo(new Version(4, 0));
                assertThat(document.reason()).isEqualTo(ScriptedWriter.REASON);
                assertThat(document.attempts()).isEqualTo(1);
            });
        }
    }

    @Test
    void a_parked_document_is_tried_again_when_somebody_wants_that_and_then_its_key_flows_on() {
        writer.refuse(key(2));
        delivery.start();
        topic.send(2);
        topic.send(2, 3);
        topic.mark(3);
        writer.awaitSaid("claim 3");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            parked.wish(parkedSecond(parked), Wish.RETRY);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 2);

            writer.refuseNothing();
            parked.wish(parkedSecond(parked), Wish.RETRY);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
        }
        assertThat(writer.said()).contains("3.0").doesNotContain("2.0");
        topic.send(2, 5);
        writer.awaitSaid("5.0");
    }

    @Test
    void a_dropped_document_is_not_written_and_its_key_flows_on() {
        writer.refuse(key(2));
        delivery.start();
        topic.send(2);
        topic.mark(2);
        writer.awaitSaid("claim 2");
        writer.refuseNothing();
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            parked.wish(parkedSecond(parked), Wish.DROP);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
        }
        topic.send(2, 5);
        writer.awaitSaid("5.0");
        assertThat(writer.said()).doesNotContain("2.0");
    }

    @Test
    void of_a_store_that_is_filled_only_the_newest_version_of_a_key_counts_as_refused() {
        for (long id = 2; id <= 5; id++) {
            writer.refuse(new Version(id, 0));
            topic.send(id);
        }
        topic.mark(5);
        for (long id = 2; id <= 4; id++) {
            topic.send(id, id + 10);
        }
        topic.mark(14);
        delivery.start(DeliveryUnderTest.ONE_AT_A_TIME);
        writer.awaitSaid("claim 14");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            assertThat(parked.of("search")).singleElement().satisfies(document -> {
                assertThat(document.id().key()).isEqualTo(key(5));
                assertThat(document.version()).isEqualTo(new Version(5, 0));
            });
        }
        assertThat(writer.said()).contains("12.0", "13.0", "14.0");
    }

    @Test
    void a_store_that_is_filled_again_takes_what_fits_now_and_frees_its_key() {
        writer.refuse(key(2));
        delivery.start();
        writer.awaitSaid("claim 1");
        topic.send(2);
        topic.send(2, 3);
        topic.mark(3);
        writer.awaitSaid("claim 3");
        writer.refuseNothing();
        writer.failNext(ErrorCode.DATA_LOSS);
        topic.send(4);
        topic.mark(4);
        writer.awaitSaid("claim 4");
        assertThat(writer.said()).contains("3.0");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            assertThat(parked.of("search")).isEmpty();
        }
        topic.send(2, 5);
        writer.awaitSaid("5.0");
    }

    @Test
    void too_many_that_are_refused_in_their_newest_version_stop_a_filling_before_its_claim() {
        List.of(2L, 3L, 4L).forEach(id -> {
            writer.refuse(key(id));
            topic.send(id);
        });
        topic.mark(4);
        delivery.start();
        delivery.awaitFailure();
        assertThat(writer.said()).contains("1.0").doesNotContain("claim 4");
    }

    @Test
    void who_is_no_member_of_the_group_any_more_parks_nothing() throws Exception {
        delivery.start(Map.of(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 2_000));
        try (Admin admin = Admin.create(Map.copyOf(DocumentsTopic.client()))) {
            await().atMost(PATIENCE).until(() -> place(admin).startsWith("1@"));
            writer.holdAnswers();
            writer.refuse(key(2));
            topic.send(2);
            topic.mark(2);
            writer.awaitSaid("unfit 2.0");
            await().atMost(PATIENCE).until(() -> admin.describeConsumerGroups(List.of(topic.name()))
                    .describedGroups()
                    .get(topic.name())
                    .get()
                    .members()
                    .isEmpty());
            writer.refuseNothing();
            writer.answer();
            writer.awaitSaid("claim 2");
            assertThat(writer.said()).contains("2.0");
            TopicPartition parked = new TopicPartition(topic.parkedName(), 0);
            assertThat(admin.listOffsets(Map.of(parked, OffsetSpec.latest()))
                            .partitionResult(parked)
                            .get()
                            .offset())
                    .isZero();
        }
    }

    @Test
    void what_is_parked_stays_parked_over_a_restart_and_too_many_of_them_stop_the_delivery() {
        writer.refuse(key(2));
        delivery.start();
        topic.send(2);
        topic.mark(2);
        writer.awaitSaid("claim 2");
        delivery.close();
        writer.refuseNothing();
        delivery.start();
        topic.send(2, 3);
        topic.mark(3);
        writer.awaitSaid("claim 3");
        assertThat(writer.said()).doesNotContain("2.0", "3.0");

        List.of(10L, 11L).forEach(id -> writer.refuse(key(id)));
        topic.send(10);
        topic.mark(10);
        writer.awaitSaid("claim 10");
        topic.send(11);
        topic.mark(11);
        delivery.awaitFailure();
        assertThat(delivery.ended())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining(
                        "refuses {\"id\":11} of orders: as the test has it. 2 documents are parked already");
        assertThat(writer.said()).doesNotContain("claim 11");
    }

    @Test
    void what_is_withheld_is_parked_and_leaves_by_itself_when_its_document_comes_again() {
        delivery.start();
        topic.withhold(2, 2, "too large");
        topic.send(3);
        topic.mark(3);
        writer.awaitSaid("claim 3");
        try (ParkedDocuments parked = topic.parked()) {
            assertWithheld(parked, new Version(2, 0), "too large");
            topic.withhold(2, 4, "even larger");
            topic.mark(4);
            writer.awaitSaid("claim 4");
            assertWithheld(parked, new Version(4, 0), "even larger");
            assertThat(writer.said()).contains("3.0").doesNotContain("2.0", "4.0");

            topic.send(2, 5);
            topic.mark(5);
            writer.awaitSaid("claim 5");
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
            assertThat(writer.said()).containsSubsequence("5.0", "claim 5");
        }
        topic.send(2, 6);
        writer.awaitSaid("6.0");
    }

    /** Sent at the same tidemark, by an assembler that may send more since its last start. */
    @Test
    void a_withheld_document_that_comes_at_the_same_version_is_written_also_when_both_are_read_again() {
        delivery.start();
        writer.awaitSaid("claim 1");
        topic.withhold(2, 2, "too large");
        topic.mark(2);
        writer.awaitSaid("claim 2");
        topic.send(2);
        writer.awaitSaid("2.0");
        writer.setBack(0);
        delivery.close();
        delivery.start();
        topic.mark(3);
        writer.awaitSaid("claim 3");
        assertThat(writer.said()).contains("2.0");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            assertThat(parked.of("search")).isEmpty();
        }
    }

    @Test
    void what_is_withheld_cannot_be_retried_and_may_be_dropped() {
        delivery.start();
        topic.withhold(2, 2, "too large");
        topic.mark(2);
        writer.awaitSaid("claim 2");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            parked.wish(parkedSecond(parked), Wish.RETRY);
            await().atMost(PATIENCE).until(() -> !isWished(parked));
            assertWithheld(parked, new Version(2, 0), "too large");
            parked.wish(parkedSecond(parked), Wish.DROP);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
        }
        assertThat(writer.said()).as("as a delete").doesNotContain("2.0");
    }

    @Test
    void what_the_store_refuses_after_it_was_withheld_stays_parked_with_the_stores_reason() {
        delivery.start();
        topic.withhold(2, 2, "too large");
        topic.mark(2);
        writer.awaitSaid("claim 2");
        writer.refuse(key(2));
        topic.send(2, 3);
        topic.mark(3);
        writer.awaitSaid("claim 3");
        writer.refuseNothing();
        topic.send(2, 4);
        topic.mark(4);
        writer.awaitSaid("claim 4");
        assertThat(writer.said()).doesNotContain("3.0", "4.0");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            ParkedDocument second = parkedSecond(parked);
            assertThat(second.withheld()).isFalse();
            assertThat(second.version()).isEqualTo(new Version(4, 0));
            assertThat(second.reason()).isEqualTo(ScriptedWriter.REASON);

            topic.withhold(2, 5, "too large");
            topic.mark(5);
            writer.awaitSaid("claim 5");
            assertWithheld(parked, new Version(5, 0), "too large");
        }
        topic.delete(2, 6);
        topic.mark(6);
        writer.awaitSaid("claim 6");
        assertThat(writer.said()).as("deleted").contains("6.0");
    }

    @Test
    void of_a_store_that_is_filled_only_the_newest_counts_also_of_what_was_withheld() {
        topic.withhold(2, 2, "too large");
        topic.mark(2);
        topic.send(2, 3);
        topic.withhold(3, 4, "too large");
        topic.mark(4);
        delivery.start(DeliveryUnderTest.ONE_AT_A_TIME);
        writer.awaitSaid("claim 4");
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            assertThat(parked.of("search")).singleElement().satisfies(document -> {
                assertThat(document.id().key()).isEqualTo(key(3));
                assertThat(document.withheld()).isTrue();
            });
        }
        assertThat(writer.said()).contains("3.0").doesNotContain("2.0", "4.0");
    }

    /** It stands in the topic, and no start would get past it. */
    @Test
    void what_is_withheld_does_not_count_as_refused_by_the_store() {
        delivery.start();
        writer.awaitSaid("claim 1");
        List.of(2L, 3L, 4L).forEach(id -> topic.withhold(id, id, "too large"));
        topic.mark(4);
        writer.awaitSaid("claim 4");
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void who_holds_an_older_version_can_neither_hide_a_newer_one_nor_end_it() {
        try (ParkedDocuments former = topic.parked();
                ParkedDocuments owner = topic.parked();
                ParkedDocuments other = topic.parked("another")) {
            former.read();
            owner.read();
            ParkedDocument older = ParkedDocument.refused("search", 0, document(2, 5), "too early");
            owner.put(ParkedDocument.refused("search", 0, document(2, 7), ScriptedWriter.REASON));
            former.put(older);
            owner.read();
            assertThat(parkedSecond(owner).version()).isEqualTo(new Version(7, 0));
            former.remove(older);
            owner.read();
            assertThat(parkedSecond(owner).version()).isEqualTo(new Version(7, 0));

            owner.put(parkedSecond(owner).followedBy(0, document(2, 8)));
            owner.remove(parkedSecond(owner));
            former.read();
            assertThat(former.of("search")).isEmpty();
            other.read();
            other.put(older);
            owner.read();
            assertThat(owner.of("search")).as("of another lineage").isEmpty();
        }
    }

    /** The tidemark beside the group's place; empty for none. */
    private String place(Admin admin) throws Exception {
        OffsetAndMetadata place = admin.listConsumerGroupOffsets(topic.name())
                .partitionsToOffsetAndMetadata()
                .get()
                .get(new TopicPartition(topic.name(), 0));
        return place == null ? "" : place.metadata();
    }

    private static void assertWithheld(ParkedDocuments parked, Version version, String reason) {
        parked.read();
        assertThat(parked.of("search")).singleElement().satisfies(document -> {
            assertThat(document.id().key()).isEqualTo(key(2));
            assertThat(document.version()).isEqualTo(version);
            assertThat(document.withheld()).isTrue();
            assertThat(document.document()).isNull();
            assertThat(document.reason()).isEqualTo(reason);
        });
    }

    private static boolean isWished(ParkedDocuments parked) {
        parked.follow();
        return parked.isWished(parkedSecond(parked));
    }

    private static Document document(long id, long position) {
        return new Document("orders", key(id), new Version(position, 0), Json.object());
    }

    private static int attempts(ParkedDocuments parked) {
        parked.read();
        return parked.get(new ParkedKey("search", key(2)))
                .map(ParkedDocument::attempts)
                .orElse(0);
    }

    private static ParkedDocument parkedSecond(ParkedDocuments parked) {
        return parked.get(new ParkedKey("search", key(2))).orElseThrow();
    }
}
