package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.TableId;

/** How deep values may nest: less than what readers of the topics take, which put rows into documents. */
public final class RowDepth {

    /** Containers in containers, within one column. */
    public static final int MAX = 1_000;

    private RowDepth() {}

    /** Parses JSON that the server printed, so that its depth is all that can be wrong with it. */
    static JsonNode parse(String text) {
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw tooDeep();
        }
    }

    /** Requires that no column nests too deep; returns the row. */
    static ObjectNode require(TableId table, ObjectNode row) {
        row.properties().forEach(column -> {
            if (!fits(column.getValue(), MAX)) {
                throw tooDeep().in(table, column.getKey());
            }
        });
        return row;
    }

    /** Requires that the value of a column nests no deeper; returns it. */
    static JsonNode require(JsonNode value) {
        if (!fits(value, MAX)) {
            throw tooDeep();
        }
        return value;
    }

    private static boolean fits(JsonNode node, int depth) {
        if (!node.isContainerNode()) {
            return true;
        }
        if (depth == 0) {
            return false;
        }
        for (JsonNode child : node) {
            if (!fits(child, depth - 1)) {
                return false;
            }
        }
        return true;
    }

    private static UnprintableValueException tooDeep() {
        return new UnprintableValueException(
                "a value nests deeper than " + MAX + " levels", UnprintableValueException.MEND);
    }
}
