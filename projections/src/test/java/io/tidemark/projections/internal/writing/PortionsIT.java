package io.tidemark.projections.internal.writing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocuments;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch that is written in portions, and what comes between two of them. */
class PortionsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Holds the first batch up until it is let go. */
    private static final class GatedWriter implements DocumentWriter {

        private final List<RowKey> written = new CopyOnWriteArrayList<>();
        private final Map<Integer, TidemarkRef> held = new ConcurrentHashMap<>();
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch gate = new CountDownLatch(1);
        private final Set<RowKey> unfit = ConcurrentHashMap.newKeySet();

        @Override
        public void open() {
            // A list is always there.
        }

        @Override
        public List<AppliedTidemark> claims() {
            List<AppliedTidemark> claims = new ArrayList<>();
            held.forEach((partition, tidemark) -> claims.add(new AppliedTidemark(partition, tidemark)));
            return claims;
        }

        @Override
        public void forget(Set<Integer> partitions) {
            held.keySet().removeAll(partitions);
        }

        @Override
        public void rejoin() {
            // It asks nobody.
        }

        @Override
        public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
            reached.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            List<WriteOutcome> outcomes = batch.stream().map(this::write).toList();
            if (outcomes.stream().allMatch(WriteOutcome::settled)) {
                claims.forEach(claim -> held.put(claim.partition(), claim.tidemark()));
            }
            return outcomes;
        }

        private WriteOutcome write(Document document) {
            if (unfit.contains(document.key())) {
                return new WriteOutcome.Rejected("as the test has it");
            }
            written.add(document.key());
            return WriteOutcome.applied();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final GatedWriter writer = new GatedWriter();
    private final AppliedTidemarks applied = new AppliedTidemarks(1, tidemark -> {});
    private DocumentsTopic topic;
    private DocumentDelivery delivery;

    @BeforeEach
    void create() throws Exception {
        topic = new DocumentsTopic();
        delivery = delivery(topic.inGroup());
    }

    @AfterEach
    void close() {
        writer.gate.countDown();
        delivery.close();
        topic.close();
    }

    private DocumentDelivery delivery(Map<String, Object> config) {
        return new DocumentDelivery(
                "test", "search", "orders", topic.name(), config, writer, applied, topic.parked("lineage"), 1);
    }

    private void send(int from, int to, long position) {
        for (int id = from; id < to; id++) {
            topic.send(id, position, "{}");
        }
        topic.mark(position);
    }

    private static List<RowKey> keys(int from, int to) {
        return LongStream.range(from, to).mapToObj(DocumentsTopic::key).toList();
    }

    private void awaitApplied(long number) {
        TidemarkRef tidemark = new TidemarkRef(number, new Lsn(number));
        await().atMost(PATIENCE)
                .until(() -> applied.minimum().filter(tidemark::equals).isPresent());
    }

    @Test
    void closing_leaves_a_batch_between_two_portions_and_the_rest_is_written_at_the_next_start() throws Exception {
        send(0, 3 * Portion.FIRST, 1);
        delivery.start();
        writer.reached.await();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(delivery::close);
        await().until(() -> delivery.closing().getCount() == 0);
        writer.gate.countDown();
        closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(writer.written).isEqualTo(keys(0, Portion.FIRST));
        assertThat(writer.held).isEmpty();

        delivery = delivery(topic.inGroup());
        delivery.start();
        awaitApplied(1);
        assertThat(writer.written).containsAll(keys(0, 3 * Portion.FIRST));
    }

    /** It would not be told so before its next sign of life. */
    @Test
    void who_is_no_member_of_the_group_any_more_writes_no_further_portion() throws Exception {
        Map<String, Object> silent = new HashMap<>(topic.inGroup());
        silent.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 45_000);
        silent.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 30_000);
        delivery = delivery(silent);
        send(0, 2 * Portion.FIRST, 1);
        delivery.start();
        writer.reached.await();
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(DocumentsTopic.client()))) {
            admin.removeMembersFromConsumerGroup(topic.name(), new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get();
        }
        writer.gate.countDown();
        awaitApplied(1);

        List<RowKey> written = List.copyOf(writer.written);
        assertThat(written.subList(0, 2 * Portion.FIRST))
                .as("as who is given the partition then: from its place on")
                .startsWith(keys(0, Portion.FIRST).toArray(RowKey[]::new))
                .endsWith(keys(0, Portion.FIRST).toArray(RowKey[]::new));
        assertThat(written).containsAll(keys(0, 2 * Portion.FIRST));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_refused_of_a_portion_is_parked_and_all_others_are_written_once(boolean filled) {
        writer.gate.countDown();
        int from = 0;
        if (!filled) {
            send(0, 1, 1);
            delivery.start();
            awaitApplied(1);
            await().atMost(PATIENCE).until(() -> topic.placeOfGroup() == 2);
            delivery.close();
            delivery = delivery(topic.inGroup());
            from = 1;
        }
        writer.unfit.add(DocumentsTopic.key(17));
        send(from, 3 * Portion.FIRST, 2);
        delivery.start();
        awaitApplied(2);

        List<RowKey> fit = new ArrayList<>(keys(0, 3 * Portion.FIRST));
        fit.remove(DocumentsTopic.key(17));
        assertThat(writer.written).containsExactlyInAnyOrderElementsOf(fit);
        try (ParkedDocuments parked = topic.parked("lineage")) {
            parked.read();
            assertThat(parked.of("search"))
                    .extracting(ParkedDocument::id)
                    .extracting(ParkedDocument.ParkedKey::key)
                    .containsExactly(DocumentsTopic.key(17));
        }
    }
}
