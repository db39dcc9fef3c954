package io.tidemark.capture.internal.snapshot;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.rows.ComparedRows;
import io.tidemark.model.Column;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads one range of a table by COPY. Holds a few chunks at most: the thread that reads waits for who takes them. */
final class RangeRead {

    /** The catalogue as the snapshot has it beside the files as they are. */
    private static final String REWRITTEN = """
            SELECT coalesce(bool_or(c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid)), false)
            FROM pg_class c
            WHERE c.relkind = 'r' AND (c.oid = ?::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree(?::regclass)))
            """;

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

    /** The snapshot does not show the table as it was any more. */
    static final class OutdatedException extends Exception {
        private static final long serialVersionUID = 1;

        OutdatedException(String message) {
            super(message);
        }
    }

    /** The next chunk, if it is read already; the last one ends the range. */
    Optional<Chunk> poll() {
        return Optional.ofNullable(chunks.poll());
    }

    /** Reads all of it. */
    void run(Connection connection, Runnable ready) throws SQLException, InterruptedException, OutdatedException {
        requireSameFiles(connection);
        requireSameTypes(connection);
        @Nullable ComparedRows compared = table.compared();
        RowReader reader = new RowReader(settings, table, lsn, System.currentTimeMillis());
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement());
        List<Chunk.Row> rows = new ArrayList<>();
        long bytes = 0;
        int held = 0;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            Chunk.Row row = reader.read(line);
            if (compared != null && compared.meet(row.key(), row.envelope())) {
                held++;
                continue;
            }
            rows.add(row);
            bytes += row.envelope().length;
            if (rows.size() == CHUNK_ROWS || bytes > CHUNK_BYTES) {
                hand(rows, held, null, ready);
                rows = new ArrayList<>();
                bytes = 0;
                held = 0;
            }
        }
        hand(rows, held, range, ready);
    }

    /**
     * Requires that the table was not written anew since the snapshot: TRUNCATE and some forms of ALTER TABLE leave a table
     * that looks empty to an older snapshot. It is locked against them first, as COPY would.
     */
    private void requireSameFiles(Connection connection) throws SQLException, OutdatedException {
        try (Statement lock = connection.createStatement();
                PreparedStatement statement = connection.prepareStatement(REWRITTEN)) {
            lock.execute("LOCK TABLE " + relation.table().quoted() + " IN ACCESS SHARE MODE");
            statement.setString(1, relation.table().quoted());
            statement.setString(2, relation.table().quoted());
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && row.getBoolean(1)) {
                    throw new OutdatedException(relation.table() + " was written anew since the snapshot");
                }
            }
        }
    }

    /**
     * Requires that the columns have the types the snapshot's catalogue says: COPY prints values of the type they have now,
     * and some changes of a type write no file anew. The server resolves names of today, whatever the snapshot.
     */
    private void requireSameTypes(Connection connection) throws SQLException, OutdatedException {
        String types = relation.columns().stream()
                .map(column -> "pg_typeof((SELECT " + SqlIdentifiers.quote(column.name()) + " FROM "
                        + relation.table().quoted() + " LIMIT 0))::oid")
                .collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + types)) {
            row.next();
            for (int i = 0; i < relation.columns().size(); i++) {
                if (row.getLong(i + 1) != relation.columns().get(i).typeOid()) {
                    throw new OutdatedException(relation.table() + " was altered since the snapshot");
                }
            }
        }
    }

    private void hand(List<Chunk.Row> rows, int held, @Nullable KeyRange ends, Runnable ready)
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
