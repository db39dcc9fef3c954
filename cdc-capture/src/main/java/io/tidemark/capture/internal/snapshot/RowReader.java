package io.tidemark.capture.internal.snapshot;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.capture.internal.wal.JsonBuffer;
import io.tidemark.capture.internal.wal.RowPrinter;
import io.tidemark.capture.internal.wal.RowText;
import io.tidemark.model.Change;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Operation;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import java.nio.charset.StandardCharsets;

/** Makes changes of rows as COPY prints them, in the order of the table's columns. */
final class RowReader {

    private static final String AFTER = "\"after\":";

    private final CaptureSettings settings;
    private final Relation relation;
    private final RowPrinter printer;
    private final boolean asItIs;
    private final byte[] head;
    private final byte[] tail;
    private final RowText row = new RowText();
    private final JsonBuffer envelope = new JsonBuffer();

    RowReader(CaptureSettings settings, TableRead table, Lsn lsn, long readAtMs) {
        this.settings = settings;
        this.relation = table.relation();
        this.printer = new RowPrinter(relation, table.types());
        this.asItIs = settings.columns().of(relation.table()).isEmpty();
        Change.Source source =
                new Change.Source(settings.topics().prefix(), settings.source().database(), true, 0, lsn, readAtMs);
        String json = Json.text(new Change(Operation.READ, relation.table(), null, null, source).toJson());
        int cut = json.indexOf(AFTER) + AFTER.length();
        head = json.substring(0, cut).getBytes(StandardCharsets.UTF_8);
        tail = json.substring(cut + "null".length()).getBytes(StandardCharsets.UTF_8);
    }

    Chunk.Row read(byte[] line) {
        row.readCopy(line);
        RowKey key = printer.key(row);
        envelope.clear();
        envelope.append(head);
        if (asItIs) {
            printer.print(row, envelope);
        } else {
            ObjectNode columns = printer.tree(row);
            settings.columns().applyTo(relation.table(), columns);
            envelope.append(Json.bytes(columns));
        }
        envelope.append(tail);
        return new Chunk.Row(key, envelope.toBytes());
    }
}
