package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a table, as a snapshot of the source has them.
 *
 * @param relation the table as that snapshot has it
 * @param lsn what committed before it is in the rows, and nothing else
 * @param held how many more rows were read that the topic has already
 * @param endsRange the range of keys it completes; null when more of that range follows
 */
public record Chunk(
        Relation relation,
        Lsn lsn,
        List<Row> rows,
        int held,
        @Nullable KeyRange endsRange) {

    /** How many rows of the source it accounts for. */
    int size() {
        return rows.size() + held;
    }

    /** A row. */
    public static final class Row {

        private final RowKey key;
        private final byte[] envelope;

        /** Keeps the array. */
        public Row(RowKey key, byte[] envelope) {
            this.key = key;
            this.envelope = envelope;
        }

        public RowKey key() {
            return key;
        }

        /** The change that reads the row, as the topic holds it; not to be written to. */
        public byte[] envelope() {
            return envelope;
        }
    }
}
