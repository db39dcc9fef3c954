package io.tidemark.connect.sink;

import io.tidemark.model.TidemarkException;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What a sink asks Kafka beside what its worker gives it. Each method throws UNREACHABLE when Kafka does not answer. */
interface Brokers {

    /**
     * A topic as it is now.
     *
     * @param id of its own: one that was made anew under its name has another
     */
    record Described(String id, int partitions) {}

    /**
     * Topics by name.
     *
     * @throws TidemarkException CONFIGURATION when there is no such topic
     */
    Map<String, Described> describe(Collection<String> topics);

    /** Where a group stands in some partitions, with the notes it keeps beside; without those it has no place in. */
    Map<TopicPartition, OffsetAndMetadata> committed(String group, Collection<TopicPartition> partitions);

    /** The first offset that is there. */
    Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions);

    /**
     * The offset behind the last record of each partition. Transactions end with records that nobody is given, so the end
     * of a partition is further, and a sink that waited to be given what is before it would wait for ever.
     */
    Map<TopicPartition, Long> behindLastRecords(Collection<TopicPartition> partitions);
}
