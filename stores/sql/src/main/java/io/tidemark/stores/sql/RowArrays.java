package io.tidemark.stores.sql;

import io.tidemark.model.store.Document;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Rows as the first parameters of a statement: an array for each of their parts, which the driver sends in binary. */
final class RowArrays {

    /** Key as topics hold it, position, order, columns as a JSON object, document as JSON. */
    static final String PARAMETERS = "unnest(?::text[], ?::bigint[], ?::integer[], ?::text[], ?::text[])";

    /** How many parameters that are. */
    static final int COUNT = 5;

    private RowArrays() {}

    /** Sets the parameters. */
    static void set(PreparedStatement statement, List<RowWriter.Row> rows) throws SQLException {
        set(statement, 1, "text", rows, row -> key(row.document()), String[]::new);
        set(statement, 2, "int8", rows, row -> row.document().version().position(), Long[]::new);
        set(statement, 3, "int4", rows, row -> row.document().version().order(), Integer[]::new);
        set(statement, 4, "text", rows, RowWriter.Row::columns, String[]::new);
        set(statement, 5, "text", rows, RowWriter.Row::whole, String[]::new);
    }

    private static String key(Document document) {
        return document.key().json();
    }

    /** Typed arrays are what the driver sends in binary. */
    static <R> void set(
            PreparedStatement statement,
            int index,
            String type,
            List<R> rows,
            Function<R, ?> part,
            IntFunction<Object[]> array)
            throws SQLException {
        Connection connection = statement.getConnection();
        statement.setArray(
                index, connection.createArrayOf(type, rows.stream().map(part).toArray(array)));
    }
}
