package io.tidemark.projections;

import io.tidemark.model.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;

/**
 * What every projection needs to know.
 *
 * @param kafkaClient properties of every Kafka client, {@code bootstrap.servers} among them
 * @param partitions of each change topic and documents topic
 * @param history how long documents topics keep every version
 * @param stateDirectory where the assemblers keep their state on disk; may be lost, at the price of restoring it
 * @param threads of each assembler
 * @param standbys how many other processes hold a copy of what one has of an assembler's state
 */
public record ProjectionSettings(
        Map<String, String> kafkaClient,
        Topics topics,
        int partitions,
        Duration history,
        Path stateDirectory,
        int threads,
        int standbys) {

    public ProjectionSettings {
        kafkaClient = Map.copyOf(kafkaClient);
    }

    /** Leaves out the values of Kafka's properties: some are passwords. */
    @Override
    public String toString() {
        return "ProjectionSettings[kafkaClient=" + new TreeSet<>(kafkaClient.keySet()) + ", " + topics + ", partitions="
                + partitions + ", history=" + history + ", stateDirectory=" + stateDirectory + ", threads=" + threads
                + ", standbys=" + standbys + "]";
    }
}
