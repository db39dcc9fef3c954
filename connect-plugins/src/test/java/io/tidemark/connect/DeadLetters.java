package io.tidemark.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What went to a dead letter topic. */
final class DeadLetters {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private DeadLetters() {}

    /** The first records, in order, each with the headers that say where it came from. */
    static List<ConsumerRecord<String, String>> of(String topic, int count) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                Topic.bootstrapServers(),
                "group.id",
                topic,
                "auto.offset.reset",
                "earliest",
                "key.deserializer",
                StringDeserializer.class,
                "value.deserializer",
                StringDeserializer.class);
        List<ConsumerRecord<String, String>> all = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(config)) {
            consumer.subscribe(List.of(topic));
            await().atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(all::add);
                return all.size() >= count;
            });
        }
        assertThat(all).allSatisfy(record -> assertThat(record.headers().lastHeader("__connect.errors.topic"))
                .isNotNull());
        return all;
    }
}
