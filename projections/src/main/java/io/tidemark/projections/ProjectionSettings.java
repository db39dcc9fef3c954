package io.tidemark.projections;

import io.tidemark.model.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What every projection needs to know.
 *
 * @param kafkaClient properties of every Kafka client, {@code bootstrap.servers} among them
 * @param partitions of each change topic and documents topic
 * @param history how long documents topics keep every version
 * @param stateDirectory where the assemblers keep their state on disk; may be lost, at the price of restoring it
 * @param threads of each assembler
 */
public record ProjectionSettings(
        Map<String, String> kafkaClient,
        Topics topics,
        int partitions,
        Duration history,
        Path stateDirectory,
        int threads) {

    public ProjectionSettings {
        kafkaClient = Map.copyOf(kafkaClient);
    }
}
