package io.tidemark.capture.internal.wal;

import io.tidemark.model.Lsn;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message of the pgoutput protocol. */
public sealed interface WalMessage {

    /**
     * A transaction begins.
     *
     * @param finalLsn start of the transaction's commit record
     */
    record Begin(Lsn finalLsn, Instant commitTime, long xid) implements WalMessage {}

    /**
     * It ends.
     *
     * @param endLsn end of the commit record: what a read token taken right after the commit says
     */
    record Commit(Lsn commitLsn, Lsn endLsn, Instant commitTime) implements WalMessage {}

    /** Describes a table before its first row in a session and after every change of it. */
    record RelationMessage(long oid, String schema, String name, List<RelationColumn> columns) implements WalMessage {}

    record RelationColumn(String name, long typeOid, int typeModifier, boolean inReplicaIdentity) {}

    record Insert(long relationOid, Tuple after) implements WalMessage {}

    /**
     * A row was updated.
     *
     * @param before the old key (only its columns are set) when it changed, the whole old row under full replica
     *     identity, else null
     */
    record Update(long relationOid, @Nullable Tuple before, Tuple after) implements WalMessage {}

    record Delete(long relationOid, Tuple before) implements WalMessage {}

    record Truncate(List<Long> relationOids) implements WalMessage {}

    /**
     * Written by {@code pg_logical_emit_message}.
     *
     * @param lsn where its record begins
     * @param content read-only
     */
    record LogicalMessage(boolean transactional, Lsn lsn, String prefix, ByteBuffer content) implements WalMessage {}

    /** Origins and type names, which capture has no use for. */
    record Other(char tag) implements WalMessage {}

    /**
     * Values of a row in column order.
     *
     * @param wholeRow false when only the replica identity's key columns are set
     */
    record Tuple(List<Value> values, boolean wholeRow) {}

    /** A column's value. */
    sealed interface Value {

        enum Absent implements Value {
            NULL,
            /** Stored out of line and not changed, so the server did not send it. */
            UNCHANGED_TOAST
        }

        record Text(String text) implements Value {}
    }
}
