package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.Version;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocument.ParkedKey;
import io.tidemark.projections.ParkedDocuments;
import io.tidemark.projections.ParkedDocuments.Wish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DocumentDeliveryIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_PARKED = 2;

    /** Writes down what it is asked, in the words of {@link #said}, and refuses when told to. */
    private static final class ScriptedWriter implements DocumentWriter {

        private final Map<Integer, TidemarkRef> held = new ConcurrentHashMap<>();
        private final Queue<String> said = new ConcurrentLinkedQueue<>();
        private final Queue<ErrorCode> refusals = new ConcurrentLinkedQueue<>();
        private final Set<RowKey> unfit = ConcurrentHashMap.newKeySet();
        private volatile CountDownLatch beforeRefusal = new CountDownLatch(0);
        private final Set<Version> unfitVersions = ConcurrentHashMap.newKeySet();

        @Override
        public void open() {
            said.add("open");
        }

        @Override
        public List<AppliedTidemark> claims() {
            List<AppliedTidemark> claims = new ArrayList<>();
            held.forEach((partition, tidemark) -> claims.add(new AppliedTidemark(partition, tidemark)));
            return claims;
        }

        @Override
        public void forget(Set<Integer> partitions) {
            said.add("forget");
            held.keySet().removeAll(partitions);
        }

        /** As a store that is set back to where it had applied no more than this. */
        void setBack(long number) {
            said.clear();
            held.clear();
            held.put(0, new TidemarkRef(number, new Lsn(number)));
        }

        @Override
        public void rejoin() {
            said.add("rejoin");
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            ErrorCode refusal = refusals.poll();
            if (refusal != null) {
                said.add(refusal.toString());
                if (refusal == ErrorCode.DATA_LOSS) {
                    held.clear();
                }
                throw new TidemarkException(refusal, "as the test has it");
            }
            List<WriteOutcome> outcomes = batch.stream().map(this::write).toList();
            if (outcomes.stream().allMatch(WriteOutcome::settled)) {
                claims.forEach(claim -> {
                    said.add("claim " + claim.tidemark().number());
                    held.put(claim.partition(), claim.tidemark());
                });
            }
            return outcomes;
        }

        private WriteOutcome write(Document document) {
            if (unfit.contains(document.key()) || unfitVersions.contains(document.version())) {
                said.add("unfit " + document.version());
                awaitRelease();
                return new WriteOutcome.Rejected("as the test has it");
            }
            said.add(document.version().toString());
            return WriteOutcome.applied();
        }

        private void awaitRelease() {
            try {
                beforeRefusal.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            said.add("close");
        }
    }

    private final ScriptedWriter writer = new ScriptedWriter();
    private final AppliedTidemarks applied = new AppliedTidemarks(1, tidemark -> {});
    private DocumentsTopic topic;
    private DocumentDelivery delivery;

    @BeforeEach
    void start() throws Exception {
        topic = new DocumentsTopic();
        send(1);
        mark(1);
        delivery = delivery();
    }

    private DocumentDelivery delivery() {
        return delivery(inGroup());
    }

    private DocumentDelivery delivery(Map<String, Object> config) {
        return new DocumentDelivery(
                "test", "search", "orders", topic.name(), config, writer, applied, parked(), MAX_PARKED);
    }

    private void restart() {
        delivery.close();
        delivery = delivery();
        delivery.start();
    }

    private ParkedDocuments parked() {
        return topic.parked("lineage");
    }

    private Map<String, Object> inGroup() {
        return topic.inGroup();
    }

    @AfterEach
    void close() {
        delivery.close();
        topic.close();
    }

    @Test
    void a_writer_out_of_touch_writes_again_what_was_not_written_once_it_owns_the_partition() {
        delivery.start();
        awaitSaid("claim 1");
        writer.refusals.add(ErrorCode.FENCED);
        send(2);
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said)
                .containsSubsequence("open", "rejoin", "1.0", "claim 1", "rejoin", "FENCED", "rejoin", "2.0", "claim 2")
                .containsOnlyOnce("open", "1.0");
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void a_store_that_lost_what_it_held_is_opened_again_and_filled_from_the_start() {
        delivery.start();
        awaitSaid("claim 1");
        writer.refusals.add(ErrorCode.DATA_LOSS);
        send(2);
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said)
                .containsSubsequence("1.0", "claim 1", "DATA_LOSS", "open", "rejoin", "1.0", "2.0", "claim 2");
        await().atMost(PATIENCE)
                .until(() -> applied.minimum().map(TidemarkRef::number).equals(Optional.of(2L)));
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void a_store_that_was_filled_is_not_filled_again_by_another_assignment() {
        delivery.start();
        awaitSaid("claim 1");
        // Given the partition, it says so again before it fills it, and once more when the place is kept.
        await().atMost(PATIENCE).until(() -> rejoined() == 3);
        try (KafkaConsumer<byte[], byte[]> other = new KafkaConsumer<>(inGroup())) {
            other.subscribe(List.of(topic.name()));
            await().atMost(PATIENCE).until(() -> {
                other.poll(Duration.ofMillis(100));
                return other.groupMetadata().generationId() > 0;
            });
        }
        await().atMost(PATIENCE).until(() -> rejoined() > 3);
        send(2);
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said).containsOnlyOnce("1.0", "claim 1", "2.0");
    }

    @Test
    void a_store_set_back_while_nothing_ran_is_filled_again_and_claims_nothing_meanwhile() {
        delivery.start();
        awaitSaid("claim 1");
        send(2);
        mark(2);
        awaitSaid("claim 2");
        delivery.close();
        writer.setBack(1);
        send(3);
        mark(3);
        delivery = delivery(oneAtATime());
        delivery.start();
        awaitSaid("claim 3");
        assertThat(writer.said)
                .containsSubsequence("open", "forget", "1.0", "2.0", "3.0", "claim 3")
                .doesNotContain("claim 1", "claim 2");
    }

    @Test
    void a_store_that_claims_what_was_claimed_last_is_not_filled_again_and_what_came_after_is_written_again() {
        delivery.start();
        awaitSaid("claim 1");
        send(2);
        topic.flush();
        awaitSaid("2.0");
        delivery.close();
        writer.said.clear();
        delivery = delivery();
        delivery.start();
        mark(2);
        awaitSaid("claim 2");
        assertThat(writer.said).contains("2.0").doesNotContain("forget", "1.0");
    }

    @Test
    void a_filling_that_was_left_in_the_middle_begins_again() {
        delivery = delivery(oneAtATime());
        writer.unfit.add(key(3));
        List.of(10L, 11L).forEach(id -> writer.unfit.add(key(id)));
        send(2);
        List.of(3L, 10L, 11L).forEach(this::send);
        mark(11);
        delivery.start();
        // Too many parked.
        await().atMost(PATIENCE).until(() -> delivery.ended().isCompletedExceptionally());
        assertThat(writer.said).contains("2.0").doesNotContain("claim 1");
        writer.unfit.clear();
        writer.said.clear();
        restart();
        awaitSaid("claim 11");
        assertThat(writer.said).containsSubsequence("forget", "1.0", "2.0", "11.0", "claim 11");
    }

    private Map<String, Object> oneAtATime() {
        Map<String, Object> config = new HashMap<>(inGroup());
        config.put("max.poll.records", 1);
        return config;
    }

    private long rejoined() {
        return writer.said.stream().filter("rejoin"::equals).count();
    }

    @Test
    void nothing_counts_as_applied_while_a_store_is_filled_again() {
        delivery.start();
        await().atMost(PATIENCE).until(() -> applied.minimum().isPresent());
        writer.refusals.add(ErrorCode.DATA_LOSS);
        // The store takes nothing more.
        writer.refusals.addAll(Collections.nCopies(1_000, ErrorCode.UNREACHABLE));
        send(2);
        awaitSaid("UNREACHABLE");
        assertThat(applied.minimum()).isEmpty();
    }

    @Test
    void any_other_refusal_ends_the_delivery() {
        writer.refusals.add(ErrorCode.CONFIGURATION);
        delivery.start();
        await().atMost(PATIENCE).until(() -> delivery.ended().isCompletedExceptionally());
        assertThat(writer.said).contains("close").doesNotContain("1.0");
    }

    @Test
    void what_a_store_refuses_is_parked_with_everything_later_of_its_key_and_the_tidemark_goes_on() {
        writer.unfit.add(key(2));
        delivery.start();
        send(2);
        send(3);
        mark(3);
        awaitSaid("claim 3");
        assertThat(writer.said).contains("3.0").doesNotContain("2.0");

        writer.unfit.clear();
        send(2, 4);
        mark(4);
        awaitSaid("claim 4");
        assertThat(writer.said).as("it would be taken now").doesNotContain("4.0");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            assertThat(parked.of("cache")).isEmpty();
            assertThat(parked.of("search")).singleElement().satisfies(document -> {
                assertThat(document.id().key()).isEqualTo(key(2));
                assertThat(document.version()).isEqualTo(new Version(4, 0));
                assertThat(document.reason()).isEqualTo("as the test has it");
                assertThat(document.attempts()).isEqualTo(1);
            });
        }
    }

    @Test
    void a_parked_document_is_tried_again_when_somebody_wants_that_and_then_its_key_flows_on() {
        writer.unfit.add(key(2));
        delivery.start();
        send(2);
        send(2, 3);
        mark(3);
        awaitSaid("claim 3");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            parked.wish(parkedSecond(parked), Wish.RETRY);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 2);

            writer.unfit.clear();
            parked.wish(parkedSecond(parked), Wish.RETRY);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
        }
        assertThat(writer.said).contains("3.0").doesNotContain("2.0");
        send(2, 5);
        awaitSaid("5.0");
    }

    @Test
    void a_dropped_document_is_not_written_and_its_key_flows_on() {
        writer.unfit.add(key(2));
        delivery.start();
        send(2);
        mark(2);
        awaitSaid("claim 2");
        writer.unfit.clear();
        try (ParkedDocuments parked = parked()) {
            parked.read();
            parked.wish(parkedSecond(parked), Wish.DROP);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
        }
        send(2, 5);
        awaitSaid("5.0");
        assertThat(writer.said).doesNotContain("2.0");
    }

    @Test
    void of_a_store_that_is_filled_only_the_newest_version_of_a_key_counts_as_refused() {
        for (long id = 2; id <= 5; id++) {
            writer.unfitVersions.add(new Version(id, 0));
            send(id);
        }
        mark(5);
        for (long id = 2; id <= 4; id++) {
            send(id, id + 10);
        }
        mark(14);
        delivery = delivery(oneAtATime());
        delivery.start();
        awaitSaid("claim 14");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            assertThat(parked.of("search")).singleElement().satisfies(document -> {
                assertThat(document.id().key()).isEqualTo(key(5));
                assertThat(document.version()).isEqualTo(new Version(5, 0));
            });
        }
        assertThat(writer.said).contains("12.0", "13.0", "14.0");
    }

    @Test
    void a_store_that_is_filled_again_takes_what_fits_now_and_frees_its_key() {
        writer.unfit.add(key(2));
        delivery.start();
        awaitSaid("claim 1");
        send(2);
        send(2, 3);
        mark(3);
        awaitSaid("claim 3");
        writer.unfit.clear();
        writer.refusals.add(ErrorCode.DATA_LOSS);
        send(4);
        mark(4);
        awaitSaid("claim 4");
        assertThat(writer.said).contains("3.0");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            assertThat(parked.of("search")).isEmpty();
        }
        send(2, 5);
        awaitSaid("5.0");
    }

    @Test
    void too_many_that_are_refused_in_their_newest_version_stop_a_filling_before_its_claim() {
        List.of(2L, 3L, 4L).forEach(id -> {
            writer.unfit.add(key(id));
            send(id);
        });
        mark(4);
        delivery.start();
        await().atMost(PATIENCE).until(() -> delivery.ended().isCompletedExceptionally());
        assertThat(writer.said).contains("1.0").doesNotContain("claim 4");
    }

    @Test
    void who_is_no_member_of_the_group_any_more_parks_nothing() throws Exception {
        Map<String, Object> leavingSoon = new HashMap<>(inGroup());
        leavingSoon.put("max.poll.interval.ms", 2_000);
        delivery = delivery(leavingSoon);
        delivery.start();
        try (Admin admin = Admin.create(Map.copyOf(DocumentsTopic.client()))) {
            await().atMost(PATIENCE).until(() -> place(admin).startsWith("1@"));
            writer.beforeRefusal = new CountDownLatch(1);
            writer.unfit.add(key(2));
            send(2);
            mark(2);
            awaitSaid("unfit 2.0");
            await().atMost(PATIENCE).until(() -> admin.describeConsumerGroups(List.of(topic.name()))
                    .describedGroups()
                    .get(topic.name())
                    .get()
                    .members()
                    .isEmpty());
            writer.unfit.clear();
            writer.beforeRefusal.countDown();
            awaitSaid("claim 2");
            assertThat(writer.said).contains("2.0");
            TopicPartition parked = new TopicPartition(topic.parkedName(), 0);
            assertThat(admin.listOffsets(Map.of(parked, OffsetSpec.latest()))
                            .partitionResult(parked)
                            .get()
                            .offset())
                    .isZero();
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

    @Test
    void what_is_parked_stays_parked_over_a_restart_and_too_many_of_them_stop_the_delivery() {
        writer.unfit.add(key(2));
        delivery.start();
        send(2);
        mark(2);
        awaitSaid("claim 2");
        delivery.close();
        writer.unfit.clear();
        delivery = delivery();
        delivery.start();
        send(2, 3);
        mark(3);
        awaitSaid("claim 3");
        assertThat(writer.said).doesNotContain("2.0", "3.0");

        List.of(10L, 11L).forEach(id -> writer.unfit.add(key(id)));
        send(10);
        mark(10);
        awaitSaid("claim 10");
        send(11);
        mark(11);
        await().atMost(PATIENCE).until(() -> delivery.ended().isCompletedExceptionally());
        assertThat(delivery.ended())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining(
                        "refuses {\"id\":11} of orders: as the test has it. 2 documents are parked already");
        assertThat(writer.said).doesNotContain("claim 11");
    }

    @Test
    void what_is_withheld_is_parked_and_leaves_by_itself_when_its_document_comes_again() {
        delivery.start();
        topic.withhold(2, 2, "too large");
        send(3);
        mark(3);
        awaitSaid("claim 3");
        try (ParkedDocuments parked = parked()) {
            assertWithheld(parked, new Version(2, 0), "too large");
            topic.withhold(2, 4, "even larger");
            mark(4);
            awaitSaid("claim 4");
            assertWithheld(parked, new Version(4, 0), "even larger");
            assertThat(writer.said).contains("3.0").doesNotContain("2.0", "4.0");

            send(2, 5);
            mark(5);
            awaitSaid("claim 5");
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
            assertThat(writer.said).containsSubsequence("5.0", "claim 5");
        }
        send(2, 6);
        awaitSaid("6.0");
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

    /** Sent at the same tidemark, by an assembler that may send more since its last start. */
    @Test
    void a_withheld_document_that_comes_at_the_same_version_is_written_also_when_both_are_read_again() {
        delivery.start();
        awaitSaid("claim 1");
        topic.withhold(2, 2, "too large");
        mark(2);
        awaitSaid("claim 2");
        send(2);
        awaitSaid("2.0");
        writer.setBack(0);
        restart();
        mark(3);
        awaitSaid("claim 3");
        assertThat(writer.said).contains("2.0");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            assertThat(parked.of("search")).isEmpty();
        }
    }

    @Test
    void what_is_withheld_cannot_be_retried_and_may_be_dropped() {
        delivery.start();
        topic.withhold(2, 2, "too large");
        mark(2);
        awaitSaid("claim 2");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            parked.wish(parkedSecond(parked), Wish.RETRY);
            await().atMost(PATIENCE).until(() -> !isWished(parked));
            assertWithheld(parked, new Version(2, 0), "too large");
            parked.wish(parkedSecond(parked), Wish.DROP);
            await().atMost(PATIENCE).until(() -> attempts(parked) == 0);
        }
        assertThat(writer.said).as("as a delete").doesNotContain("2.0");
    }

    private static boolean isWished(ParkedDocuments parked) {
        parked.follow();
        return parked.isWished(parkedSecond(parked));
    }

    @Test
    void what_the_store_refuses_after_it_was_withheld_stays_parked_with_the_stores_reason() {
        delivery.start();
        topic.withhold(2, 2, "too large");
        mark(2);
        awaitSaid("claim 2");
        writer.unfit.add(key(2));
        send(2, 3);
        mark(3);
        awaitSaid("claim 3");
        writer.unfit.clear();
        send(2, 4);
        mark(4);
        awaitSaid("claim 4");
        assertThat(writer.said).doesNotContain("3.0", "4.0");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            ParkedDocument second = parkedSecond(parked);
            assertThat(second.withheld()).isFalse();
            assertThat(second.version()).isEqualTo(new Version(4, 0));
            assertThat(second.reason()).isEqualTo("as the test has it");

            topic.withhold(2, 5, "too large");
            mark(5);
            awaitSaid("claim 5");
            assertWithheld(parked, new Version(5, 0), "too large");
        }
        topic.delete(2, 6);
        mark(6);
        awaitSaid("claim 6");
        assertThat(writer.said).as("deleted").contains("6.0");
    }

    @Test
    void of_a_store_that_is_filled_only_the_newest_counts_also_of_what_was_withheld() {
        topic.withhold(2, 2, "too large");
        mark(2);
        send(2, 3);
        topic.withhold(3, 4, "too large");
        mark(4);
        delivery = delivery(oneAtATime());
        delivery.start();
        awaitSaid("claim 4");
        try (ParkedDocuments parked = parked()) {
            parked.read();
            assertThat(parked.of("search")).singleElement().satisfies(document -> {
                assertThat(document.id().key()).isEqualTo(key(3));
                assertThat(document.withheld()).isTrue();
            });
        }
        assertThat(writer.said).contains("3.0").doesNotContain("2.0", "4.0");
    }

    /** It stands in the topic, and no start would get past it. */
    @Test
    void what_is_withheld_does_not_count_as_refused_by_the_store() {
        delivery.start();
        awaitSaid("claim 1");
        List.of(2L, 3L, 4L).forEach(id -> topic.withhold(id, id, "too large"));
        mark(4);
        awaitSaid("claim 4");
        assertThat(delivery.ended()).isNotDone();
    }

    @Test
    void who_holds_an_older_version_can_neither_hide_a_newer_one_nor_end_it() {
        try (ParkedDocuments former = parked();
                ParkedDocuments owner = parked();
                ParkedDocuments other = topic.parked("another")) {
            former.read();
            owner.read();
            ParkedDocument older = ParkedDocument.refused("search", 0, document(2, 5), "too early");
            owner.put(ParkedDocument.refused("search", 0, document(2, 7), "as the test has it"));
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

    private static RowKey key(long id) {
        return DocumentsTopic.key(id);
    }

    private void awaitSaid(String what) {
        await().atMost(PATIENCE).until(() -> writer.said.contains(what));
    }

    private void send(long position) {
        send(position, position);
    }

    private void send(long id, long position) {
        topic.send(id, position, "{}");
    }

    private void mark(long number) {
        topic.mark(number);
    }
}
