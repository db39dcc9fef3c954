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
 * @param after key of the last row of the last finished chunk, each column as PostgreSQL prints it; empty before the first
 * @param read whether every row is in the topic; what is left is to delete rows that are no more
 * @param rows written so far
 * @param began offsets of the topic, by partition, when this began: what is older and was not written since is no more.
 *     Empty when the topic was
 */
public record FillingTable(
        TableId table, Standing standing, List<String> after, boolean read, long rows, List<Long> began) {

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
        began = List.copyOf(began);
    }

    /** A table not captured before. */
    public static FillingTable added(TableId table) {
        return new FillingTable(table, Standing.NEW, List.of(), false, 0, List.of());
    }

    /** A captured table to be read once more. */
    public static FillingTable again(TableId table, Standing standing, List<Long> topicEnds) {
        return new FillingTable(table, standing, List.of(), false, 0, topicEnds);
    }

    /** With a chunk more. */
    public FillingTable plus(int chunkRows) {
        return new FillingTable(table, standing, after, read, rows + chunkRows, began);
    }

    /** With every row up to this key finished. */
    public FillingTable upTo(List<String> key) {
        return new FillingTable(table, standing, key, read, rows, began);
    }

    /** With every row in the topic. */
    public FillingTable whole() {
        return new FillingTable(table, standing, after, true, rows, began);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("table", table.toString())
                .put("standing", standing.name().toLowerCase(Locale.ROOT))
                .put("read", read)
                .put("rows", rows);
        var afterJson = json.putArray("after");
        after.forEach(afterJson::add);
        var beganJson = json.putArray("began");
        began.forEach(beganJson::add);
        return json;
    }

    static FillingTable fromJson(JsonNode json) {
        List<String> after = new ArrayList<>();
        json.required("after").forEach(text -> after.add(text.textValue()));
        List<Long> began = new ArrayList<>();
        json.required("began").forEach(offset -> began.add(offset.longValue()));
        return new FillingTable(
                TableId.parse(json.required("table").textValue()),
                Standing.valueOf(json.required("standing").textValue().toUpperCase(Locale.ROOT)),
                after,
                json.required("read").booleanValue(),
                json.required("rows").longValue(),
                began);
    }
}
