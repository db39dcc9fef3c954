package io.tidemark.capture.internal.doctor;

import io.tidemark.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Questions to the source's catalogue. */
record SourceQuery(Connection connection) {

    /** Makes something of a row. */
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Parameters are texts, or arrays of texts. */
    <T> List<T> list(String sql, Row<T> reader, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                Object parameter = parameters[i];
                statement.setObject(
                        i + 1,
                        parameter instanceof String[] array ? connection.createArrayOf("text", array) : parameter);
            }
            List<T> all = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.add(reader.of(rows));
                }
            }
            return all;
        }
    }

    /** The same about these tables: the first two parameters are their schemas and names. */
    <T> List<T> listOf(List<TableId> tables, String sql, Row<T> reader) throws SQLException {
        return list(
                sql,
                reader,
                tables.stream().map(TableId::schema).toArray(String[]::new),
                tables.stream().map(TableId::name).toArray(String[]::new));
    }

    /** The only value of the only row; empty for null or no row. */
    String text(String sql, Object... parameters) throws SQLException {
        List<String> found = list(sql, row -> Objects.toString(row.getString(1), ""), parameters);
        return found.isEmpty() ? "" : found.get(0);
    }

    boolean isTrue(String sql, Object... parameters) throws SQLException {
        return text(sql, parameters).equals("t");
    }

    long number(String sql, Object... parameters) throws SQLException {
        return Long.parseLong(text(sql, parameters));
    }

    /** A setting in its base unit; empty where the server has no such setting. */
    String setting(String name) throws SQLException {
        return text("SELECT setting FROM pg_settings WHERE name = ?", name);
    }

    static TableId table(ResultSet row) throws SQLException {
        return new TableId(row.getString("nspname"), row.getString("relname"));
    }

    /** The tables asked about, and where their rows are stored: partitioned ones in their leaves. */
    static String about(String select) {
        return """
                WITH captured AS (
                  SELECT c.*, n.nspname
                  FROM unnest(?::text[], ?::text[]) AS wanted(schema, name)
                  JOIN pg_namespace n ON n.nspname = wanted.schema
                  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name),
                stored AS (
                  SELECT oid AS root, oid AS leaf FROM captured WHERE relkind = 'r'
                  UNION ALL
                  SELECT c.oid, t.relid FROM captured c, pg_partition_tree(c.oid) t WHERE c.relkind = 'p' AND t.isleaf)
                """ + select;
    }
}
