package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.capture.internal.rows.ComparedRows.Meeting;
import io.tidemark.model.Column;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads one range of a table by COPY. Holds a few chunks at most: the thread that reads waits for who takes them. */
final class RangeRead {

    private static final int CHUNK_ROWS = 20_000;
    private static final int CHUNK_BYTES = 4 * 1024 * 1024;
    private static final int CHUNKS_HELD = 2;

    private final CaptureSettings settings;
    private final TableRead table;
    private final Relation relation;
    private final KeyRange range;
    private final Lsn lsn;
    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(CHUNKS_HELD);

    RangeRead(CaptureSettings settings, TableRead table, KeyRange range, Lsn lsn) {
        this.settings = settings;
        this.table = table;
        this.relation = table.relation();
        this.range = range;
        this.lsn = lsn;
    }

    TableId table() {
        return relation.table();
    }

    /** The next chunk, if it is read already; the last one ends the range. */
    Optional<Chunk> poll() {
        return Optional.ofNullable(chunks.poll());
    }

    /** Reads all of it. */
    void run(Connection connection, Runnable ready)
            throws SQLException, InterruptedException, StillShown.OutdatedException {
        StillShown.require(connection, relation);
        @Nullable ComparedRows compared = table.compared();
        RowReader reader = new RowReader(settings, table, lsn, System.currentTimeMillis());
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement());
        List<Chunk.Row> rows = new ArrayList<>();
        long bytes = 0;
        List<RowKey> held = new ArrayList<>();
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            Chunk.Row row = reader.read(line);
            if (compared != null && compared.look(row.key(), row.envelope()) == Meeting.SAME) {
                held.add(row.key());
            } else {
                rows.add(row);
                bytes += row.envelope().length;
            }
            if (rows.size() + held.size() == CHUNK_ROWS || bytes > CHUNK_BYTES) {
                hand(rows, held, null, ready);
                rows = new ArrayList<>();
                bytes = 0;
                held = new ArrayList<>();
            }
        }
        hand(rows, held, range, ready);
    }

    private void hand(List<Chunk.Row> rows, List<RowKey> held, @Nullable KeyRange ends, Runnable ready)
            throws InterruptedException {
        chunks.put(new Chunk(relation, lsn, rows, held, ends));
        ready.run();
    }

    private String statement() {
        List<String> columns = relation.columns().stream().map(Column::name).toList();
        return "COPY (SELECT " + SqlIdentifiers.quoteAll(columns) + " FROM "
                + relation.table().quoted() + range.where(relation) + ") TO STDOUT (ENCODING 'UTF8')";
    }
}
