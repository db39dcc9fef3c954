package io.tidemark.app.config;

import io.tidemark.model.Secret;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Kafka cluster and the topics on it.
 *
 * @param prefix of every topic; the database's name when the file does not say
 * @param partitions of each change topic, 6 when the file does not say
 * @param history how long every version is kept, 7 days when the file does not say
 * @param standbys how many other processes keep a copy of what one has of an assembler's state, 0 when the file does not say
 * @param clientProperties for every client, such as {@code security.protocol}; secret, since some hold credentials
 */
public record KafkaConfig(
        String bootstrapServers,
        String prefix,
        int partitions,
        Duration history,
        int standbys,
        Map<String, Secret> clientProperties) {

    public KafkaConfig {
        clientProperties = Collections.unmodifiableMap(new LinkedHashMap<>(clientProperties));
    }

    /** What every Kafka client is made with: the bootstrap servers and the client properties, credentials included. */
    public Map<String, String> revealClientProperties() {
        Map<String, String> revealed = new LinkedHashMap<>();
        revealed.put("bootstrap.servers", bootstrapServers);
        clientProperties.forEach((name, value) -> revealed.put(name, value.reveal()));
        return revealed;
    }
}
