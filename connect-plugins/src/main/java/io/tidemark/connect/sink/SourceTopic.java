package io.tidemark.connect.sink;

import io.tidemark.model.TidemarkException;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The topic that records are read from, as Kafka described it when the first of them came.
 *
 * @param topics empty where the connector was not told of brokers; nothing is known of the topic but its name then
 */
record SourceTopic(String name, Optional<Descriptions> topics, Optional<Brokers.Described> described) {

    /** @throws TidemarkException as {@link Brokers#describe} */
    static SourceTopic ask(String name, Optional<Descriptions> topics) {
        return new SourceTopic(name, topics, topics.map(some -> some.of(name)));
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
            Brokers.Described now = topics.orElseThrow().of(name);
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

    /** It may be another one since the brokers were asked. */
    void outdated() {
        topics.ifPresent(Descriptions::outdated);
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
