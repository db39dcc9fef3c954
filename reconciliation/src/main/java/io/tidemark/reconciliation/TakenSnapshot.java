package io.tidemark.reconciliation;

import io.tidemark.model.Lsn;

/**
 * When a snapshot of the source was taken.
 *
 * @param lsnBefore the WAL's end before it was taken: everything committed up to there had its turn to be seen
 * @param lsn the WAL's end after it was taken: everything it sees has its commit before
 */
record TakenSnapshot(Lsn lsnBefore, XidSnapshot xids, Lsn lsn) {}
