package io.tidemark.connect.sink;

import io.tidemark.model.TidemarkException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;

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

    /**
     * Asks again: a topic may be made anew, or given more partitions, while it is read.
     *
     * @param counts whether the number of partitions matters to versions or claims
     * @throws ConnectException when it is another topic now
     * @throws TidemarkException as {@link Brokers#describe}
     */
    void requireSame(boolean counts) {
        described.ifPresent(before -> {
            Brokers.Described now = describe(name, brokers.orElseThrow());
            if (!now.id().equals(before.id())) {
                throw new ConnectException(
                        "Another topic has this name now than the one that was written. " + madeAnew());
            }
            if (counts && now.partitions() != before.partitions()) {
                throw new ConnectException("The topic " + name + " had " + before.partitions() + " partitions and has "
                        + now.partitions() + " now, so keys may have moved to where versions begin anew. " + remedy());
            }
        });
    }

    /** What to do about it, for people. */
    String madeAnew() {
        return "The topic " + name + " may have been made anew under its name, with versions of its own; or "
                + SinkKeys.BOOTSTRAP + " was added or left out since, which tells the topic's id. " + remedy();
    }

    private static String remedy() {
        return "Give the connector a new target, or empty this one by hand, and " + SinkKeys.READ_MODEL
                + " another name";
    }

    /** Offsets, and positions, of a topic made anew mean nothing to what was written before. */
    String lineage() {
        return described.map(topic -> "topic " + topic.id()).orElse("topic " + name + ", id unknown");
    }
}
