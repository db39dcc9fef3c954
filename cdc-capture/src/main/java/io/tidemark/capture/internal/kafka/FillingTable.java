package io.tidemark.capture.internal.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A table whose rows are being read from the source into its topic.
 *
 * @param sweeps whether its topic may hold rows that the source has not, to be deleted in the end
 * @param after key of the last row of the last finished chunk, each column as PostgreSQL prints it; empty before the first
 * @param read whether every row is in the topic; what is left is to delete rows that are no more
 * @param rows written so far
 * @param compares whether rows that its topic has already are not written again. A session compares from the beginning
 * @param from the first position after the snapshot of the first chunk: a row that was not written since is no more. 0 before
 *     there is a chunk
 */
public record FillingTable(
        TableId table,
        Standing standing,
        boolean sweeps,
        boolean compares,
        List<String> after,
        boolean read,
        long rows,
        long from) {

    /** What tidemarks say of the table meanwhile. */
    public enum Standing {
        /** Nothing: its topic is in no cut before it is complete. */
        NEW,
        /** That it is as it is in the source; what is read again only writes the same rows once more. */
        AGAIN,
        /** Nothing true: rows in the topic differ from the source's, so no tidemark is published. */
        WRONG
    }

    public FillingTable {
        after = List.copyOf(after);
    }

    /** A table not captured before. */
    public static FillingTable added(TableId table) {
        return new FillingTable(table, Standing.NEW, false, false, List.of(), false, 0, 0);
    }

    /** A captured table to be read once more, from its beginning. */
    public static FillingTable again(TableId table, Standing standing) {
        return new FillingTable(table, standing, true, false, List.of(), false, 0, 0);
    }

    /** A table whose topic may differ from it: read from its beginning, and what differs is written. */
    public static FillingTable compared(TableId table, Standing standing) {
        return new FillingTable(table, standing, true, true, List.of(), false, 0, 0);
    }

    /** What a session that comes after this one does: what was compared is known to this one only. */
    public FillingTable atStart() {
        return compares ? compared(table, standing) : this;
    }

    /** With its first chunk about to be written. */
    public FillingTable beginning(long firstPosition) {
        return new FillingTable(table, standing, sweeps, compares, after, read, rows, firstPosition);
    }

    /** With a chunk more. */
    public FillingTable plus(int chunkRows) {
        return new FillingTable(table, standing, sweeps, compares, after, read, rows + chunkRows, from);
    }

    /** With every row up to this key finished. */
    public FillingTable upTo(List<String> key) {
        return new FillingTable(table, standing, sweeps, compares, key, read, rows, from);
    }

    /** With every row in the topic. */
    public FillingTable whole() {
        return new FillingTable(table, standing, sweeps, compares, after, true, rows, from);
    }

    /** One that is compared is written as it is at its beginning: builds that cannot compare read it whole, and sweep. */
    ObjectNode toJson() {
        return atStart().written(rows);
    }

    private ObjectNode written(long rowsSoFar) {
        ObjectNode json = Json.object()
                .put("table", table.toString())
                .put("standing", standing.name().toLowerCase(Locale.ROOT))
                .put("sweeps", sweeps)
                .put("compares", compares)
                .put("read", read)
                .put("rows", rowsSoFar)
                .put("from", from);
        var afterJson = json.putArray("after");
        after.forEach(afterJson::add);
        return json;
    }

    static FillingTable fromJson(JsonNode json) {
        List<String> after = new ArrayList<>();
        json.required("after").forEach(text -> after.add(text.textValue()));
        return new FillingTable(
                TableId.parse(json.required("table").textValue()),
                Standing.valueOf(json.required("standing").textValue().toUpperCase(Locale.ROOT)),
                json.required("sweeps").booleanValue(),
                json.path("compares").booleanValue(),
                after,
                json.required("read").booleanValue(),
                json.required("rows").longValue(),
                json.required("from").longValue());
    }
}
