package io.tidemark.capture.internal.wal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prints rows of one table as JSON and makes their keys. Both go from text to text where they can: trees of nodes are
 * most of the cost of a row.
 */
public final class RowPrinter {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final Relation relation;
    private final List<ValueType> types;
    private final byte[][] names;
    private final int[] keyColumns;
    private final JsonBuffer key = new JsonBuffer();

    /**
     * Prepares it.
     *
     * @param types pairwise with the relation's columns, as are the values of the rows
     */
    public RowPrinter(Relation relation, List<ValueType> types) {
        this.relation = relation;
        this.types = List.copyOf(types);
        List<String> columns = relation.columns().stream().map(Column::name).toList();
        this.names = columns.stream().map(RowPrinter::name).toArray(byte[][]::new);
        this.keyColumns =
                relation.primaryKey().stream().mapToInt(columns::indexOf).toArray();
        if (types.size() != names.length || IntStream.of(keyColumns).anyMatch(column -> column < 0)) {
            throw new IllegalArgumentException("Types, columns and key of " + relation.table() + " do not agree");
        }
    }

    private static byte[] name(String column) {
        JsonBuffer json = new JsonBuffer();
        byte[] utf8 = column.getBytes(StandardCharsets.UTF_8);
        json.appendString(utf8, 0, utf8.length);
        json.append(':');
        return json.toBytes();
    }

    /** Appends the row as a JSON object. */
    public void print(RowText row, JsonBuffer out) {
        out.append('{');
        for (int column = 0; column < names.length; column++) {
            if (column > 0) {
                out.append(',');
            }
            out.append(names[column]);
            if (row.isNull(column)) {
                out.append(NULL);
            } else {
                print(row, column, out);
            }
        }
        out.append('}');
    }

    private void print(RowText row, int column, JsonBuffer out) {
        try {
            row.print(column, types.get(column), out);
        } catch (UnprintableValueException e) {
            throw e.in(relation.table(), relation.columns().get(column).name());
        }
    }

    /** The row as a tree, for what needs to look into it. */
    public ObjectNode tree(RowText row) {
        ObjectNode tree = Json.object();
        for (int column = 0; column < names.length; column++) {
            tree.set(relation.columns().get(column).name(), node(row, column));
        }
        return RowDepth.require(relation.table(), tree);
    }

    private JsonNode node(RowText row, int column) {
        if (row.isNull(column)) {
            return NullNode.getInstance();
        }
        try {
            return types.get(column).toJson(row.text(column));
        } catch (UnprintableValueException e) {
            throw e.in(relation.table(), relation.columns().get(column).name());
        }
    }

    /** The key of the row, canonical. */
    public RowKey key(RowText row) {
        key.clear();
        key.append('{');
        for (int i = 0; i < keyColumns.length; i++) {
            int column = keyColumns[i];
            if (!isCanonical(row, column)) {
                return keyFromTree(row);
            }
            if (i > 0) {
                key.append(',');
            }
            key.append(names[column]);
            print(row, column, key);
        }
        key.append('}');
        return new RowKey(key.toText());
    }

    /** Whether a key holds this value as it is printed; see {@link Relation#keyOf}. */
    private boolean isCanonical(RowText row, int column) {
        if (row.isNull(column)) {
            return false;
        }
        ValueType type = types.get(column);
        if (type instanceof ValueType.Numeric) {
            return !row.hasAny(column, ".eE");
        }
        return type instanceof ValueType.Plain
                && !relation.columns().get(column).baseType().equals("character");
    }

    private RowKey keyFromTree(RowText row) {
        ObjectNode values = Json.object();
        for (int column : keyColumns) {
            values.set(relation.columns().get(column).name(), node(row, column));
        }
        return relation.keyOf(values);
    }
}
