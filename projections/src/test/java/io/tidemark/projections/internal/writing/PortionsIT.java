package io.tidemark.projections.internal.writing;

import static io.tidemark.projections.internal.writing.DeliveryUnderTest.PATIENCE;
import static io.tidemark.projections.internal.writing.DocumentsTopic.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemark.model.RowKey;
import io.tidemark.projections.ParkedDocument;
import io.tidemark.projections.ParkedDocuments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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

    private final ScriptedWriter writer = new ScriptedWriter();
    private DocumentsTopic topic;
    private DeliveryUnderTest delivery;

    @BeforeEach
    void create() throws Exception {
        topic = new DocumentsTopic();
        delivery = new DeliveryUnderTest(topic, writer);
    }

    @AfterEach
    void close() {
        writer.answer();
        delivery.close();
        topic.close();
    }

    private void send(int from, int to, long position) {
        for (int id = from; id < to; id++) {
            topic.send(id, position);
        }
        topic.mark(position);
    }

    private static List<RowKey> keys(int from, int to) {
        return LongStream.range(from, to).mapToObj(DocumentsTopic::key).toList();
    }

    @Test
    void closing_leaves_a_batch_between_two_portions_and_the_rest_is_written_at_the_next_start() throws Exception {
        writer.holdAnswers();
        send(0, 3 * Portion.FIRST, 1);
        delivery.start();
        writer.awaitSaid("1.0");
        CompletableFuture<Void> closed = CompletableFuture.runAsync(delivery::close);
        delivery.awaitClosing();
        writer.answer();
        closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(writer.written()).isEqualTo(keys(0, Portion.FIRST));
        assertThat(writer.claims()).isEmpty();

        delivery.start();
        delivery.awaitApplied(1);
        assertThat(writer.written()).containsAll(keys(0, 3 * Portion.FIRST));
    }

    /** It would not be told so before its next sign of life. */
    @Test
    void who_is_no_member_of_the_group_any_more_writes_no_further_portion() throws Exception {
        Map<String, Object> silent = Map.of(
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 45_000,
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 30_000);
        writer.holdAnswers();
        send(0, 2 * Portion.FIRST, 1);
        delivery.start(silent);
        writer.awaitSaid("1.0");
        try (Admin admin = Admin.create(Map.<String, Object>copyOf(DocumentsTopic.client()))) {
            admin.removeMembersFromConsumerGroup(topic.name(), new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get();
        }
        writer.answer();
        delivery.awaitApplied(1);

        List<RowKey> written = writer.written();
        assertThat(written.subList(0, 2 * Portion.FIRST))
                .as("as who is given the partition then: from its place on")
                .startsWith(keys(0, Portion.FIRST).toArray(RowKey[]::new))
                .endsWith(keys(0, Portion.FIRST).toArray(RowKey[]::new));
        assertThat(written).containsAll(keys(0, 2 * Portion.FIRST));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_refused_of_a_portion_is_parked_and_all_others_are_written_once(boolean filled) {
        int from = 0;
        if (!filled) {
            send(0, 1, 1);
            delivery.start();
            delivery.awaitApplied(1);
            await().atMost(PATIENCE).until(() -> topic.placeOfGroup() == 2);
            delivery.close();
            from = 1;
        }
        writer.refuse(key(17));
        send(from, 3 * Portion.FIRST, 2);
        delivery.start();
        delivery.awaitApplied(2);

        List<RowKey> fit = new ArrayList<>(keys(0, 3 * Portion.FIRST));
        fit.remove(key(17));
        assertThat(writer.written()).containsExactlyInAnyOrderElementsOf(fit);
        try (ParkedDocuments parked = topic.parked()) {
            parked.read();
            assertThat(parked.of("search"))
                    .extracting(ParkedDocument::id)
                    .extracting(ParkedDocument.ParkedKey::key)
                    .containsExactly(key(17));
        }
    }
}
