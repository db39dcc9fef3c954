package io.tidemark.capture;

import io.tidemark.capture.internal.kafka.KafkaAdmin;
import java.util.Map;

/** A Kafka cluster as {@code tidemark check} sees it. */
public final class KafkaConnections {

    private KafkaConnections() {}

    /**
     * Reaches the cluster.
     *
     * @param kafkaClient properties of every Kafka client, {@code bootstrap.servers} among them
     * @return how large it is, for people
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when no broker answers soon, CONFIGURATION when a property
     *     is wrong
     */
    public static String check(Map<String, String> kafkaClient) {
        try (KafkaAdmin kafka = KafkaAdmin.reach(kafkaClient)) {
            return kafka.brokers() == 1 ? "1 broker" : kafka.brokers() + " brokers";
        }
    }
}
