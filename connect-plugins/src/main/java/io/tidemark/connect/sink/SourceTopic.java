package io.tidemark.connect.sink;

import io.tidemark.model.TidemarkException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The topic that records are read from, as Kafka described it when the first of them came.
 *
 * @param brokers empty where the connector was not told of them; nothing is known of the topic but its name then
 */
record SourceTopic(String name, Optional<Brokers> brokers, Optional<Brokers.Described> described) {

    /** @throws TidemarkException as {@link Brokers#describe} */
    static SourceTopic ask(String name, Optional<Brokers> brokers) {
        return new SourceTopic(name, brokers, brokers.map(some -> describe(name, some)));
    }

    private static Brokers.Described describe(String name, Brokers brokers) {
        return Objects.requireNonNull(brokers.describe(List.of(name)).get(name));
    }

    /** Offsets, and positions, of a topic made anew mean nothing to what was written before. */
    String lineage() {
        return described.map(topic -> "topic " + topic.id()).orElse("topic " + name + ", id unknown");
    }
}
