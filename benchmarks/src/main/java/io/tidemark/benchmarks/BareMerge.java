package io.tidemark.benchmarks;

import io.tidemark.model.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A process that does nothing but COPY rows, prepared in memory, into a temporary table and merge them, guarded by their
 * versions, into a table made as Tidemark makes it: a transaction for each batch, by one connection.
 */
final class BareMerge {

    private static final String STAGE = "CREATE TEMPORARY TABLE stage (id bigint, document jsonb, position bigint,"
            + " ord integer) ON COMMIT DELETE ROWS";

    private static final String MERGE = "INSERT INTO %s AS t (id, document, _tidemark, _tidemark_order)"
            + " SELECT id, document, position, ord FROM stage ORDER BY id ON CONFLICT (id) DO UPDATE SET"
            + " document = excluded.document, _tidemark = excluded._tidemark,"
            + " _tidemark_order = excluded._tidemark_order WHERE (t._tidemark, t._tidemark_order)"
            + " < (excluded._tidemark, excluded._tidemark_order)";

    private BareMerge() {}

    /** Documents, documents in a batch, place. */
    public static void main(String[] arguments) throws Exception {
        SqlPlace place = (SqlPlace) Place.of(Arrays.asList(arguments).subList(2, arguments.length));
        List<byte[]> batches = batches(Long.parseLong(arguments[0]), Integer.parseInt(arguments[1]));
        place.make();
        String merge = MERGE.formatted(place.table().quoted());
        Stopwatch watch = new Stopwatch();
        try (Connection connection = place.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(STAGE);
            connection.setAutoCommit(false);
            watch.start();
            for (byte[] batch : batches) {
                copy(connection, batch);
                statement.execute(merge);
                connection.commit();
            }
            watch.stop();
        }
        watch.report();
    }

    private static void copy(Connection connection, byte[] rows) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY stage FROM STDIN");
        copy.writeToCopy(rows, 0, rows.length);
        copy.endCopy();
    }

    private static List<byte[]> batches(long documents, int each) throws IOException {
        List<byte[]> batches = new ArrayList<>();
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        for (long id = 1; id <= documents; id++) {
            // Of what COPY would read as something else, JSON text has the backslash only.
            String json = Json.text(OrderDocuments.body(id)).replace("\\", "\\\\");
            long position = OrderDocuments.version(id).position();
            batch.write((id + "\t" + json + "\t" + position + "\t0\n").getBytes(StandardCharsets.UTF_8));
            if (id % each == 0 || id == documents) {
                batches.add(batch.toByteArray());
                batch.reset();
            }
        }
        return batches;
    }
}
