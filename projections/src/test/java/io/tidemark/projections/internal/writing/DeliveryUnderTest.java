package io.tidemark.projections.internal.writing;

import static org.awaitility.Awaitility.await;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import io.tidemark.projections.AppliedTidemarks;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** The delivery of one topic to one store, {@code search}, which a test starts and closes as often as it likes. */
final class DeliveryUnderTest implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Lets the consumer give no two records together. */
    static final Map<String, Object> ONE_AT_A_TIME = Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);

    private static final int MAX_PARKED = 2;

    private final DocumentsTopic topic;
    private final ScriptedWriter writer;
    private final AppliedTidemarks applied = new AppliedTidemarks(1, tidemark -> {});
    private DocumentDelivery delivery;

    DeliveryUnderTest(DocumentsTopic topic, ScriptedWriter writer) {
        this.topic = topic;
        this.writer = writer;
    }

    void start() {
        start(Map.of());
    }

    /** Starts with this in the consumer's configuration. */
    void start(Map<String, Object> config) {
        Map<String, Object> inGroup = new HashMap<>(topic.inGroup());
        inGroup.putAll(config);
        delivery = new DocumentDelivery(
                "test", "search", "orders", topic.name(), inGroup, writer, applied, topic.parked(), MAX_PARKED);
        delivery.start();
    }

    CompletableFuture<Void> ended() {
        return delivery.ended();
    }

    void awaitFailure() {
        await().atMost(PATIENCE).until(() -> ended().isCompletedExceptionally());
    }

    /** The tidemark that its partition has applied. */
    Optional<TidemarkRef> applied() {
        return applied.minimum();
    }

    void awaitApplied(long number) {
        Optional<TidemarkRef> marked = Optional.of(new TidemarkRef(number, new Lsn(number)));
        await().atMost(PATIENCE).until(() -> applied().equals(marked));
    }

    void awaitClosing() {
        await().atMost(PATIENCE).until(() -> delivery.closing().getCount() == 0);
    }

    @Override
    public void close() {
        if (delivery != null) {
            delivery.close();
        }
    }
}
