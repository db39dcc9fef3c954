package io.tidemark.capture.internal.kafka;

import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import io.tidemark.model.Version;
import org.jspecify.annotations.Nullable;

/** Takes encoded changes in order: Kafka, or nothing where encoding alone is measured. */
public interface ChangeSink {

    /**
     * Sends a row change.
     *
     * @param envelope UTF-8 JSON; null for a tombstone
     */
    void send(TableId table, RowKey key, Version version, byte @Nullable [] envelope);

    /** Sends a truncate to one partition of the table's topic; it has to be sent to each. */
    void sendTruncate(TableId table, int partition, Version version, byte[] envelope);

    /** Sends a logical message. */
    void sendMessage(byte[] key, Version version, byte[] envelope);

    /** Sends a table's new description. */
    void sendRelation(Relation relation);
}
