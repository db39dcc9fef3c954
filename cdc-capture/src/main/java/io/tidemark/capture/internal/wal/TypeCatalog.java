package io.tidemark.capture.internal.wal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The source's types by oid, as far as printing their values needs them. Immutable. */
public final class TypeCatalog {

    private static final long INT2_VECTOR = 22;
    private static final long OID_VECTOR = 30;

    private static final String QUERY = """
            SELECT t.oid, t.typname, t.typtype, t.typcategory, t.typelem, t.typbasetype, t.typdelim,
                   EXISTS (SELECT FROM pg_cast c WHERE c.castsource = t.oid AND c.casttarget = 'json'::regtype
                           AND c.castmethod = 'f') AS has_json_cast
            FROM pg_type t
            """;

    private record Row(
            String name, char kind, char category, long element, long base, char delimiter, boolean jsonCast) {}

    private final Map<Long, Row> rows;

    private TypeCatalog(Map<Long, Row> rows) {
        this.rows = rows;
    }

    public static TypeCatalog read(Connection connection) throws SQLException {
        Map<Long, Row> rows = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(QUERY)) {
            while (result.next()) {
                rows.put(
                        result.getLong("oid"),
                        new Row(
                                result.getString("typname"),
                                result.getString("typtype").charAt(0),
                                result.getString("typcategory").charAt(0),
                                result.getLong("typelem"),
                                result.getLong("typbasetype"),
                                result.getString("typdelim").charAt(0),
                                result.getBoolean("has_json_cast")));
            }
        }
        return new TypeCatalog(rows);
    }

    public boolean knows(long oid) {
        return rows.containsKey(oid);
    }

    /**
     * How values of a type are printed.
     *
     * @return empty for a type whose JSON cannot be had from its text alone (composite types, casts to json)
     */
    public Optional<ValueType> valueType(long oid) {
        Row row = rows.get(oid);
        if (row == null || row.kind() == 'c' || row.kind() == 'p' || row.jsonCast()) {
            return Optional.empty();
        }
        if (row.kind() == 'd') {
            return valueType(row.base());
        }
        if (row.category() == 'A' && row.element() != 0 && oid != INT2_VECTOR && oid != OID_VECTOR) {
            char delimiter = elementDelimiter(row);
            return valueType(row.element()).map(element -> new ValueType.Array(element, delimiter));
        }
        return Optional.of(scalar(row.name()));
    }

    private char elementDelimiter(Row array) {
        Row element = rows.get(array.element());
        return element == null ? ',' : element.delimiter();
    }

    private static ValueType scalar(String name) {
        return switch (name) {
            case "int2", "int4", "int8", "numeric", "float4", "float8" -> new ValueType.Numeric();
            case "bool" -> new ValueType.Bool();
            case "timestamp" -> new ValueType.Timestamp();
            case "timestamptz" -> new ValueType.TimestampTz();
            case "json", "jsonb" -> new ValueType.Embedded();
            default -> new ValueType.Plain();
        };
    }
}
