package io.tidemark.capture.internal.kafka;

import java.util.Arrays;
import org.apache.kafka.common.TopicPartition;

/**
 * The records sent to one partition since the last commit, and the offsets they were given, which come in the order of
 * the records. Sent by the session, acknowledged by the producer's own thread; offsets may be asked for after a flush.
 */
final class SentRecords {

    private static final long NONE = -1;

    private final TopicPartition partition;
    private int sent;
    private int complete;
    private boolean ofOpenTransaction;
    private long[] offsets = new long[16];
    private int acknowledged;
    private long newest = NONE;

    SentRecords(TopicPartition partition) {
        this.partition = partition;
    }

    TopicPartition partition() {
        return partition;
    }

    /** One more was sent; says whether it is the first of the transaction of the source that is open. */
    boolean sent() {
        sent++;
        boolean first = !ofOpenTransaction;
        ofOpenTransaction = true;
        return first;
    }

    /** What was sent so far belongs to complete transactions. */
    void endOfTransaction() {
        complete = sent;
        ofOpenTransaction = false;
    }

    /**
     * Kafka has the next one.
     *
     * @return the newest offset before it when this one is not past that: the topic was made anew; else -1
     */
    long acknowledged(long offset) {
        long before = newest;
        newest = offset;
        if (acknowledged == offsets.length) {
            offsets = Arrays.copyOf(offsets, acknowledged * 2);
        }
        offsets[acknowledged++] = offset;
        return offset <= before ? before : NONE;
    }

    boolean isUntouched() {
        return sent == 0;
    }

    int unacknowledged() {
        return sent - acknowledged;
    }

    /** Just past the last record of complete transactions; 0 when there is none. */
    long endOfComplete() {
        return complete == 0 ? 0 : offsets[complete - 1] + 1;
    }

    /** Just past the last record; 0 when there is none. */
    long end() {
        return sent == 0 ? 0 : offsets[sent - 1] + 1;
    }

    /** All of it is durable. */
    void committed() {
        sent = 0;
        complete = 0;
        acknowledged = 0;
        ofOpenTransaction = false;
    }
}
