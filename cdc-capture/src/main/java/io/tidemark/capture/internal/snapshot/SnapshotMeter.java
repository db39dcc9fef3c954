package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SnapshotProgress.Report;
import io.tidemark.model.TableId;

/** Counts the rows that snapshots write, over all sessions of a process. */
public final class SnapshotMeter {

    private static final double NANOS = 1e9;

    private final SnapshotProgress progress;
    private long rows;
    private long beganNanos;
    private long estimate;
    private long rowsBeforeEstimate;

    public SnapshotMeter(SnapshotProgress progress) {
        this.progress = progress;
    }

    /** Snapshots begin, or go on, with about this much to read. */
    synchronized void estimated(long rowsLeft) {
        if (beganNanos == 0) {
            beganNanos = System.nanoTime();
        }
        estimate = rowsLeft;
        rowsBeforeEstimate = rows;
    }

    /** Rows of all tables written since this process began. */
    public synchronized long rows() {
        return rows;
    }

    synchronized void written(TableId table, int chunkRows) {
        rows += chunkRows;
        double seconds = (System.nanoTime() - beganNanos) / NANOS;
        long left = Math.max(0, estimate - (rows - rowsBeforeEstimate));
        progress.read(new Report(table, rows, left, seconds > 0 ? rows / seconds : 0));
    }
}
