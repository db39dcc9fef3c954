package io.tidemark.projections.internal.writing;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Configuration of the consumers that feed stores: read_committed, and no offset is stored but by the delivery. */
public final class ConsumerConfigs {

    /** A consumer that is closed waits for the fetch it has under way: with Kafka's own setting half a second, each time. */
    public static final int SHORT_FETCH_WAIT_MS = 20;

    private ConsumerConfigs() {}

    public static Map<String, Object> inGroup(Map<String, String> client, String group) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5000);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        // What comes next is on its way while the store takes what came: in the system's buffers, as large as it makes
        // them.
        config.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return config;
    }

    /** How long the group waits for a member to poll again. */
    static Duration longestBetweenPolls(Map<String, Object> config) {
        Object millis = config.getOrDefault(
                ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                ConsumerConfig.configDef().defaultValues().get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG));
        return Duration.ofMillis(Long.parseLong(String.valueOf(millis)));
    }
}
