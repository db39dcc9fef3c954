package io.tidemark.capture;

import io.tidemark.model.TableId;

/** Told how the initial snapshot gets on; called from the snapshot's thread. */
@FunctionalInterface
public interface SnapshotProgress {

    /**
     * Rows have been read, of this table last.
     *
     * @param rowsInAll rows of all tables read so far
     */
    void read(TableId table, long rowsInAll);
}
