package io.tidemark.localstack;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** A Kafka cluster of one or three brokers. Its verbs go to all brokers; single ones are hurt through {@link #brokers()}. */
public final class KafkaCluster {

    private final List<KafkaBroker> brokers;

    KafkaCluster(List<KafkaBroker> brokers) {
        this.brokers = List.copyOf(brokers);
    }

    public List<KafkaBroker> brokers() {
        return brokers;
    }

    /** The addresses of all brokers, as clients want them. */
    public String bootstrapServers() {
        return brokers.stream().map(KafkaBroker::address).collect(Collectors.joining(","));
    }

    /** The addresses of all brokers at a listener that the plan adds. */
    public String bootstrapServers(String listener) {
        return brokers.stream().map(broker -> broker.address(listener)).collect(Collectors.joining(","));
    }

    /** Whether all brokers run. */
    public boolean isAlive() {
        return brokers.stream().allMatch(KafkaBroker::isAlive);
    }

    public void kill() {
        all(KafkaBroker::kill);
    }

    public void pause() {
        all(KafkaBroker::pause);
    }

    public void resume() {
        all(KafkaBroker::resume);
    }

    public void stop() {
        all(KafkaBroker::stop);
    }

    /** Stops what runs, then starts all brokers on the same data and ports; returns when each knows all others. */
    public void restart() {
        stop();
        all(KafkaBroker::restart);
        awaitWhole();
    }

    void start() {
        all(KafkaBroker::start);
        awaitWhole();
    }

    private void awaitWhole() {
        KafkaBroker first = brokers.get(0);
        boolean whole = Patience.of(first.site().patience())
                .until(() -> brokers.stream().allMatch(broker -> broker.nodes().size() == brokers.size()));
        if (!whole) {
            throw first.failure(
                    LocalStackException.Reason.NOT_READY,
                    "knows the brokers " + first.nodes() + ", not all " + brokers.size(),
                    null);
        }
    }

    /** In parallel: brokers need each other to start and, as controllers, to stop. */
    private void all(Consumer<KafkaBroker> verb) {
        Together.run(brokers, verb);
    }
}
