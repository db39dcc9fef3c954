package io.tidemark.capture;

import io.tidemark.capture.internal.wal.TypeCatalog;
import io.tidemark.model.Column;
import io.tidemark.model.ForeignKey;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Reads the tables of a source from its catalogue, as its connection sees them now. */
public final class SourceCatalog {

    private static final String USER_TABLES = """
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
            """;

    private static final String TABLES = "SELECT n.nspname, c.relname " + USER_TABLES + " ORDER BY 1, 2";

    private static final String COLUMNS = """
            SELECT n.nspname, c.relname, c.oid AS relation, a.attname, a.attnum, a.atttypid, a.attnotnull,
                   format_type(a.atttypid, a.atttypmod) AS type
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relkind IN ('r', 'p')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            ORDER BY n.nspname, c.relname, a.attnum
            """;

    private static final String PRIMARY_KEYS = """
            SELECT n.nspname, c.relname,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key(attnum, place)
                         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = key.attnum
                         ORDER BY key.place) AS columns
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'p'
            """;

    private static final String FOREIGN_KEYS = """
            SELECT n.nspname, c.relname, rn.nspname AS to_schema, rc.relname AS to_table,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key(attnum, place)
                         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.attnum
                         ORDER BY key.place) AS columns,
                   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS key(attnum, place)
                         JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.attnum
                         ORDER BY key.place) AS to_columns
            FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class rc ON rc.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = rc.relnamespace
            WHERE k.contype = 'f' AND k.conparentid = 0
            ORDER BY n.nspname, c.relname, k.conname
            """;

    /**
     * A default may have filled the rows there were when the column came, if it was given with the column; that there is
     * one now is all the catalogue keeps, and of a default dropped again that no row may be without a value.
     */
    private static final String FILLED = """
            SELECT a.attname
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
              AND (a.atthasmissing OR a.atthasdef OR a.attidentity <> '' OR a.attnotnull OR t.typnotnull
                   OR t.typdefault IS NOT NULL)
            """;

    private static final String PARTITIONS = """
            SELECT n.nspname, c.relname, t.relid::oid::bigint AS partition
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_partition_tree(c.oid) t
            WHERE c.relkind = 'p' AND NOT c.relispartition AND t.isleaf AND t.relid <> c.oid
            ORDER BY 1, 2, 3
            """;

    /** A partition made as such gets its row type in the transaction that makes it a partition, and is empty then. */
    private static final String ATTACHED = """
            SELECT t.relid::oid::bigint
            FROM pg_partition_tree(?::bigint::oid::regclass) t JOIN pg_inherits i ON i.inhrelid = t.relid
            JOIN pg_type y ON y.typrelid = t.relid
            WHERE t.isleaf AND i.xmin <> y.xmin
            """;

    private SourceCatalog() {}

    /**
     * What rows may owe to something else than a change of theirs.
     *
     * @param filledColumns columns of which rows may hold values that were there before the column was
     * @param attachedPartitions oids of partitions that may have held rows before they were any
     */
    public record WithoutWal(Set<String> filledColumns, Set<Long> attachedPartitions) {

        public WithoutWal {
            filledColumns = Set.copyOf(filledColumns);
            attachedPartitions = Set.copyOf(attachedPartitions);
        }
    }

    /** What of the table with this oid did not come through the WAL, as far as the catalogue tells. */
    public static WithoutWal withoutWal(Connection connection, long oid) throws SQLException {
        Set<Long> attached = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(ATTACHED)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    attached.add(rows.getLong(1));
                }
            }
        }
        return new WithoutWal(filled(connection, oid), attached);
    }

    private static Set<String> filled(Connection connection, long oid) throws SQLException {
        Set<String> filled = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(FILLED)) {
            statement.setLong(1, oid);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    filled.add(rows.getString(1));
                }
            }
        }
        return filled;
    }

    /** Every permanent table that is no partition, whether it has a key or not. */
    public static List<TableId> tables(Connection connection) throws SQLException {
        List<TableId> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(new TableId(rows.getString(1), rows.getString(2)));
            }
        }
        return tables;
    }

    /** The wanted tables that have a primary key, by name; those without one are left out. */
    public static List<Relation> read(Connection connection, Predicate<TableId> wanted) throws SQLException {
        Map<TableId, Long> oids = new TreeMap<>();
        Map<TableId, List<Column>> columns = columns(connection, oids);
        Map<TableId, List<String>> primaryKeys = primaryKeys(connection);
        Map<TableId, List<ForeignKey>> foreignKeys = foreignKeys(connection);
        Map<TableId, List<Long>> partitions = partitions(connection);
        List<Relation> relations = new ArrayList<>();
        for (TableId table : tables(connection)) {
            List<String> primaryKey = primaryKeys.get(table);
            if (primaryKey != null && wanted.test(table)) {
                relations.add(new Relation(
                        table,
                        columns.getOrDefault(table, List.of()),
                        primaryKey,
                        foreignKeys.getOrDefault(table, List.of()),
                        1,
                        oids.getOrDefault(table, 0L),
                        partitions.getOrDefault(table, List.of())));
            }
        }
        return relations;
    }

    private static Map<TableId, List<Column>> columns(Connection connection, Map<TableId, Long> oids)
            throws SQLException {
        TypeCatalog types = TypeCatalog.read(connection);
        Map<TableId, List<Column>> columns = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(COLUMNS)) {
            while (rows.next()) {
                oids.put(table(rows), rows.getLong("relation"));
                columns.computeIfAbsent(table(rows), table -> new ArrayList<>())
                        .add(new Column(
                                rows.getString("attname"),
                                rows.getString("type"),
                                rows.getLong("atttypid"),
                                !rows.getBoolean("attnotnull"),
                                rows.getInt("attnum"),
                                types.detail(rows.getLong("atttypid"))));
            }
        }
        return columns;
    }

    private static Map<TableId, List<Long>> partitions(Connection connection) throws SQLException {
        Map<TableId, List<Long>> partitions = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(PARTITIONS)) {
            while (rows.next()) {
                partitions
                        .computeIfAbsent(table(rows), table -> new ArrayList<>())
                        .add(rows.getLong("partition"));
            }
        }
        return partitions;
    }

    private static Map<TableId, List<String>> primaryKeys(Connection connection) throws SQLException {
        Map<TableId, List<String>> keys = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(PRIMARY_KEYS)) {
            while (rows.next()) {
                keys.put(table(rows), names(rows.getArray("columns")));
            }
        }
        return keys;
    }

    private static Map<TableId, List<ForeignKey>> foreignKeys(Connection connection) throws SQLException {
        Map<TableId, List<ForeignKey>> keys = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(FOREIGN_KEYS)) {
            while (rows.next()) {
                keys.computeIfAbsent(table(rows), table -> new ArrayList<>())
                        .add(new ForeignKey(
                                names(rows.getArray("columns")),
                                new TableId(rows.getString("to_schema"), rows.getString("to_table")),
                                names(rows.getArray("to_columns"))));
            }
        }
        return keys;
    }

    private static TableId table(ResultSet row) throws SQLException {
        return new TableId(row.getString("nspname"), row.getString("relname"));
    }

    private static List<String> names(Array array) throws SQLException {
        return Arrays.asList((String[]) array.getArray());
    }
}
