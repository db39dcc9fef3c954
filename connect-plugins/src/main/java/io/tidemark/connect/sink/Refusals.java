package io.tidemark.connect.sink;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of records that cannot be written: each is told once, however often its batch is sent again. */
final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /** Of a record in its topic. */
    private record Place(TopicPartition partition, long offset) {}

    private final Unwanted policy;
    private final @Nullable ErrantRecordReporter deadLetters;
    private final Set<Place> told = new HashSet<>();
    private long count;

    /** @param deadLetters null where the connector has no dead letter queue */
    Refusals(Unwanted policy, @Nullable ErrantRecordReporter deadLetters) {
        this.policy = policy;
        this.deadLetters = deadLetters;
    }

    /**
     * Passes a record over, and says so where the connector wants it.
     *
     * @throws ConnectException when nothing is passed over
     */
    void refuse(SinkRecord record, String why) {
        Place place = new Place(partition(record), record.originalKafkaOffset());
        if (told.contains(place)) {
            return;
        }
        String what = "The record at offset " + place.offset() + " of " + place.partition() + " is not written: " + why;
        if (policy == Unwanted.IGNORE) {
            LOG.warn(what);
        } else if (deadLetters != null) {
            var unused = deadLetters.report(record, new DataException(what));
        } else {
            throw new ConnectException(what + ". To go on without it, give the connector a dead letter queue"
                    + " (errors.tolerance=all, errors.deadletterqueue.topic.name) or set " + SinkKeys.ON_MALFORMED
                    + "=ignore");
        }
        told.add(place);
        count++;
    }

    /** The records of a batch are done with. */
    void settled() {
        told.clear();
    }

    long count() {
        return count;
    }

    static TopicPartition partition(SinkRecord record) {
        return new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    }
}
