package io.tidemark.capture;

import io.tidemark.model.TidemarkRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a running capture has done since its process began, and what it is at.
 *
 * @param standing whether it reads the slot
 * @param waitsFor why it does not; empty while it does
 * @param commits of Kafka transactions
 * @param commitTime all they took
 * @param transactions of the source that were committed whole
 * @param changes of those transactions
 * @param snapshotRows read from tables and written
 * @param queued events of the replication stream that wait to be handled; one holds many messages
 * @param tidemark the newest that this process has published; {@link TidemarkRef#NONE} before
 * @param tidemarkAt when it did
 * @param lastCommit the newest commit time captured, a running maximum
 */
public record CaptureStatus(
        Standing standing,
        String waitsFor,
        long commits,
        Duration commitTime,
        long transactions,
        long changes,
        long snapshotRows,
        long queued,
        TidemarkRef tidemark,
        Optional<Instant> tidemarkAt,
        Optional<Instant> lastCommit) {

    /** Where a capture stands with its slot. */
    public enum Standing {
        /** The slot is its own. */
        READS,
        /** Another capture reads the slot; this one takes over when that one ends. */
        STANDS_BY,
        /** It is about to read the slot, now or again. */
        WAITS
    }
}
