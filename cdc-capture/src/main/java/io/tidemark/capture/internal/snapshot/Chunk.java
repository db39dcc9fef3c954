package io.tidemark.capture.internal.snapshot;

import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a table, as a snapshot of the source has them.
 *
 * @param relation the table as that snapshot has it
 * @param lsn what committed before it is in the rows, and nothing else
 * @param held keys of more rows that were read and that the topic has already just so
 * @param endsRange the range of keys it completes; null when more of that range follows
 */
public record Chunk(
        Relation relation,
        Lsn lsn,
        List<Row> rows,
        List<RowKey> held,
        @Nullable KeyRange endsRange) {

    /** Of all rows of the source it accounts for. */
    List<RowKey> keys() {
        return Stream.concat(rows.stream().map(Row::key), held.stream()).toList();
    }

    /** How many rows of the source it accounts for. */
    int size() {
        return rows.size() + held.size();
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
