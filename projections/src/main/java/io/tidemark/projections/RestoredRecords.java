package io.tidemark.projections;

import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;

/**
 * Counts records of state that were read from Kafka. Kafka Streams' own counts of them are kept only where its metrics are
 * recorded in all detail.
 */
final class RestoredRecords implements StateRestoreListener, StandbyUpdateListener {

    private final LongAdder restored = new LongAdder();
    private final LongAdder copied = new LongAdder();

    /** Of state that this process works with, before it could. */
    long restored() {
        return restored.sum();
    }

    /** Of state that other processes work with, for a standby. */
    long copied() {
        return copied.sum();
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {}

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long records) {
        restored.add(records);
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long records) {}

    @Override
    public void onUpdateStart(TopicPartition partition, String store, long from) {}

    @Override
    public void onBatchLoaded(
            TopicPartition partition, String store, TaskId task, long end, long records, long newest) {
        copied.add(records);
    }

    @Override
    public void onUpdateSuspended(
            TopicPartition partition, String store, long end, long newest, SuspendReason reason) {}
}
