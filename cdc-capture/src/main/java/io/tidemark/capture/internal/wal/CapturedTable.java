package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.capture.internal.wal.WalMessage.Tuple;
import io.tidemark.capture.internal.wal.WalMessage.Value;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as the WAL describes it, ready to print its rows.
 *
 * @param types pairwise with the relation's columns, which are the WAL's in the WAL's order
 */
public record CapturedTable(Relation relation, List<ValueType> types) {

    public CapturedTable {
        types = List.copyOf(types);
        if (types.size() != relation.columns().size()) {
            throw new IllegalArgumentException("Types and columns of " + relation.table() + " differ in number");
        }
    }

    /**
     * The row after a change, whole.
     *
     * @param before the old row, or of it what was sent, from which unchanged out-of-line values are taken
     */
    public ObjectNode row(Tuple after, @Nullable Tuple before) {
        ObjectNode row = Json.object();
        for (int i = 0; i < types.size(); i++) {
            Value value = after.values().get(i);
            if (value == Value.Absent.UNCHANGED_TOAST) {
                value = oldValue(before, i);
            }
            put(row, i, value);
        }
        return RowDepth.require(relation.table(), row);
    }

    /** The old row, or of it what was sent: only the key columns unless the replica identity is full. */
    public ObjectNode oldRow(Tuple before) {
        ObjectNode row = Json.object();
        for (int i = 0; i < types.size(); i++) {
            String name = relation.columns().get(i).name();
            if (before.wholeRow() || relation.primaryKey().contains(name)) {
                put(row, i, before.values().get(i));
            }
        }
        return RowDepth.require(relation.table(), row);
    }

    public RowKey keyOf(ObjectNode row) {
        return relation.keyOf(row);
    }

    private Value oldValue(@Nullable Tuple before, int column) {
        // Not asked: whether the old row says it is whole. Of a partition's row it says what holds of the root. A value
        // that was not sent was not NULL before.
        if (before != null && before.values().get(column) instanceof Value.Text old) {
            return old;
        }
        throw new TidemarkException(
                ErrorCode.NOT_CAPTURABLE,
                "An update of " + relation.table() + " left the large column '"
                        + relation.columns().get(column).name()
                        + "' unchanged, and PostgreSQL does not send such values under this replica identity. Run: ALTER TABLE "
                        + relation.table().quoted()
                        + " REPLICA IDENTITY FULL; (not where it has generated columns, nor on the root of partitions:"
                        + " 'tidemark doctor' prints what mends those); then drop Tidemark's topics and slot and start again");
    }

    private void put(ObjectNode row, int column, Value value) {
        String name = relation.columns().get(column).name();
        if (value instanceof Value.Text text) {
            row.set(name, toJson(column, text.text()));
        } else {
            row.putNull(name);
        }
    }

    private JsonNode toJson(int column, String text) {
        try {
            return types.get(column).toJson(text);
        } catch (UnprintableValueException e) {
            throw e.in(relation.table(), relation.columns().get(column).name());
        }
    }
}
