package io.tidemark.connect.sink;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * What Kafka says of a task's topics. Each question takes a client, with connections and logins, so it is about all of them,
 * and an answer holds for half a minute. Not thread-safe.
 */
final class Descriptions {

    private static final long HOLDS_NANOS = Duration.ofSeconds(30).toNanos();

    /** An answer, and when it was given. */
    private record Answer(Brokers.Described topic, long nanos) {}

    private final Brokers brokers;
    private final LongSupplier nanos;
    private final Set<String> topics = new HashSet<>();
    private final Map<String, Answer> answers = new HashMap<>();

    Descriptions(Brokers brokers, LongSupplier nanos) {
        this.brokers = brokers;
        this.nanos = nanos;
    }

    /** These are the task's now; what was known before counts no more. */
    void assigned(Collection<TopicPartition> partitions) {
        topics.clear();
        partitions.forEach(partition -> topics.add(partition.topic()));
        outdated();
    }

    /** What is asked from now on is as of then. */
    void outdated() {
        answers.clear();
    }

    /**
     * A topic as it was half a minute ago or later.
     *
     * @throws TidemarkException as {@link Brokers#describe}
     */
    Brokers.Described of(String topic) {
        Answer known = answers.get(topic);
        if (known == null || nanos.getAsLong() - known.nanos() > HOLDS_NANOS) {
            topics.add(topic);
            ask(topic).forEach((name, described) -> answers.put(name, new Answer(described, nanos.getAsLong())));
        }
        return Objects.requireNonNull(answers.get(topic)).topic();
    }

    /** A topic that is gone must not stop a task that is given records of another one. */
    private Map<String, Brokers.Described> ask(String topic) {
        try {
            return brokers.describe(topics);
        } catch (TidemarkException e) {
            if (e.code() != ErrorCode.CONFIGURATION || topics.size() == 1) {
                throw e;
            }
            topics.retainAll(Set.of(topic));
            return brokers.describe(List.of(topic));
        }
    }
}
