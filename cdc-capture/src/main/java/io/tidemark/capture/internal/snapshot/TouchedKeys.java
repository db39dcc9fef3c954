package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.TableId;
import java.util.HashMap;
import java.util.Map;

/**
 * The keys that the stream touched lately, by the start of the commit record that did: a row read by a snapshot is the
 * newest there is unless its key is among those committed at or after the snapshot. Bounded: when there are too many, it
 * forgets, and says since when it knows them all.
 */
final class TouchedKeys {

    private final int most;
    private final Map<TableId, Map<RowKey, Lsn>> keys = new HashMap<>();
    private final Map<TableId, Lsn> rewritten = new HashMap<>();
    private Lsn since = Lsn.ZERO;
    private int size;

    TouchedKeys(int most) {
        this.most = most;
    }

    /** Begins anew: every commit at or after this LSN will be told. */
    void collectFrom(Lsn lsn) {
        keys.clear();
        rewritten.clear();
        size = 0;
        since = lsn;
    }

    /** A commit whose record starts there touched a row. */
    void touch(TableId table, RowKey key, Lsn commit) {
        if (size >= most) {
            // Of this very commit some are forgotten too.
            collectFrom(new Lsn(commit.value() + 1));
        }
        if (keys.computeIfAbsent(table, each -> new HashMap<>()).put(key, commit) == null) {
            size++;
        }
    }

    /** A commit whose record starts there touched rows without naming them, or changed the table's columns. */
    void rewrite(TableId table, Lsn commit) {
        rewritten.put(table, commit);
    }

    /** Nothing about this table is asked any more. */
    void forget(TableId table) {
        Map<RowKey, Lsn> forgotten = keys.remove(table);
        size -= forgotten == null ? 0 : forgotten.size();
        rewritten.remove(table);
    }

    /** Whether it is known which rows of a snapshot of this table still hold. */
    boolean knows(TableId table, Lsn snapshot) {
        Lsn last = rewritten.get(table);
        return !snapshot.isBefore(since) && (last == null || last.isBefore(snapshot));
    }

    /** Whether any row of this table was touched. */
    boolean any(TableId table) {
        return keys.containsKey(table);
    }

    /** Whether a row was touched by a commit that the snapshot does not hold. */
    boolean touchedSince(TableId table, RowKey key, Lsn snapshot) {
        Map<RowKey, Lsn> ofTable = keys.get(table);
        Lsn commit = ofTable == null ? null : ofTable.get(key);
        return commit != null && !commit.isBefore(snapshot);
    }
}
