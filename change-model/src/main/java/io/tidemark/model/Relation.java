package io.tidemark.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A captured table as the relations topic describes it: its columns, primary key and foreign keys.
 *
 * @param columns published columns in table order, generated ones left out
 * @param primaryKey columns of the key, in key order; every captured table has one
 * @param version counts the descriptions of this table, from 1
 * @param oid of the table in the source, which a table made anew under the same name does not share; 0 if unknown
 * @param partitions oids of the tables that hold the rows of a partitioned one; empty for others
 * @param from the first change it describes; (0, 0) if unknown, as of what the catalogue says
 * @param rowsFrom rows written before this change are all written again after it, or deleted, before the next tidemark:
 *     they may read otherwise than this says; (0, 0) when none do
 * @param former names of columns that rows in the topics may still have, and the table has them no more
 */
public record Relation(
        TableId table,
        List<Column> columns,
        List<String> primaryKey,
        List<ForeignKey> foreignKeys,
        int version,
        long oid,
        List<Long> partitions,
        Version from,
        Version rowsFrom,
        List<String> former) {

    private static final Version UNKNOWN = new Version(0, 0);

    public Relation(
            TableId table, List<Column> columns, List<String> primaryKey, List<ForeignKey> foreignKeys, int version) {
        this(table, columns, primaryKey, foreignKeys, version, 0, List.of());
    }

    /** One of which nobody says to which changes it belongs. */
    public Relation(
            TableId table,
            List<Column> columns,
            List<String> primaryKey,
            List<ForeignKey> foreignKeys,
            int version,
            long oid,
            List<Long> partitions) {
        this(table, columns, primaryKey, foreignKeys, version, oid, partitions, UNKNOWN, UNKNOWN, List.of());
    }

    public Relation {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        foreignKeys = List.copyOf(foreignKeys);
        partitions = List.copyOf(partitions);
        former = List.copyOf(former);
        if (primaryKey.isEmpty()) {
            throw new IllegalArgumentException("Table " + table + " has no primary key");
        }
    }

    /** The same description as another one of this table. */
    public Relation atVersion(int other) {
        return new Relation(table, columns, primaryKey, foreignKeys, other, oid, partitions, from, rowsFrom, former);
    }

    /** This description, of the changes from one on. */
    public Relation describing(Version first, Version firstRows) {
        return new Relation(
                table, columns, primaryKey, foreignKeys, version, oid, partitions, first, firstRows, former);
    }

    /** Whether it is known which changes it describes; earlier builds did not say. */
    public boolean saysFrom() {
        return !from.equals(UNKNOWN);
    }

    /** This description, with other columns that the table had before. */
    public Relation withFormer(List<String> others) {
        return new Relation(table, columns, primaryKey, foreignKeys, version, oid, partitions, from, rowsFrom, others);
    }

    /** This description with other columns. */
    public Relation withColumns(List<Column> others) {
        return new Relation(table, others, primaryKey, foreignKeys, version, oid, partitions, from, rowsFrom, former);
    }

    /**
     * The same table with the rows told apart by other columns.
     *
     * @param key of the table's columns; that they are unique, and never NULL, is for the source to see to
     */
    public Relation keyedBy(List<String> key) {
        return new Relation(table, columns, key, foreignKeys, version, oid, partitions);
    }

    public Optional<Column> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    /** The key of a row of this table. */
    public RowKey keyOf(JsonNode row) {
        return keyFrom(row, primaryKey)
                .orElseThrow(() -> new IllegalArgumentException(
                        "A row of " + table + " has no value in its primary key " + primaryKey));
    }

    /**
     * A key of this table made from another row's columns (a foreign key), encoded in this key's types.
     *
     * @param by columns of {@code row}, pairwise with {@link #primaryKey()}
     * @return empty when any of the columns is NULL, as in SQL
     */
    public Optional<RowKey> keyFrom(JsonNode row, List<String> by) {
        if (by.size() != primaryKey.size()) {
            throw new IllegalArgumentException(
                    "Key " + primaryKey + " of " + table + " cannot be made from " + by + ": counts differ");
        }
        ObjectNode values = Json.object();
        for (int i = 0; i < by.size(); i++) {
            JsonNode value = row.get(by.get(i));
            if (value == null || value.isNull()) {
                return Optional.empty();
            }
            values.set(primaryKey.get(i), canonical(value, primaryKey.get(i)));
        }
        return Optional.of(RowKey.of(values));
    }

    private JsonNode canonical(JsonNode value, String keyColumn) {
        if (value.isNumber() && !value.isIntegralNumber()) {
            BigDecimal stripped = value.decimalValue().stripTrailingZeros();
            return stripped.scale() <= 0 ? Json.parse(stripped.toPlainString()) : DecimalNode.valueOf(stripped);
        }
        boolean padded = column(keyColumn)
                .map(column -> column.baseType().equals("character"))
                .orElse(false);
        return padded && value.isTextual() ? TextNode.valueOf(stripTrailingSpaces(value.textValue())) : value;
    }

    private static String stripTrailingSpaces(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end);
    }

    /** The relation as the relations topic holds it. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("format", 1);
        json.put("table", table.toString());
        json.put("version", version);
        json.put("oid", oid);
        var columnsJson = json.putArray("columns");
        for (Column column : columns) {
            ObjectNode columnJson = columnsJson
                    .addObject()
                    .put("name", column.name())
                    .put("type", column.type())
                    .put("oid", column.typeOid())
                    .put("nullable", column.nullable())
                    .put("number", column.number());
            if (!column.detail().isEmpty()) {
                columnJson.set("detail", Json.parse(column.detail()));
            }
        }
        if (!partitions.isEmpty()) {
            var partitionsJson = json.putArray("partitions");
            partitions.forEach(partitionsJson::add);
        }
        putNames(json, "primary-key", primaryKey);
        putVersion(json, "from", from);
        putVersion(json, "rows-from", rowsFrom);
        if (!former.isEmpty()) {
            putNames(json, "former-columns", former);
        }
        var foreignKeysJson = json.putArray("foreign-keys");
        for (ForeignKey key : foreignKeys) {
            ObjectNode keyJson = foreignKeysJson.addObject();
            putNames(keyJson, "columns", key.columns());
            keyJson.put("references", key.referenced().toString());
            putNames(keyJson, "referenced-columns", key.referencedColumns());
        }
        return json;
    }

    public static Relation fromJson(JsonNode json) {
        List<Column> columns = new ArrayList<>();
        json.required("columns")
                .forEach(column -> columns.add(new Column(
                        column.required("name").textValue(),
                        column.required("type").textValue(),
                        column.required("oid").longValue(),
                        column.required("nullable").booleanValue(),
                        column.path("number").intValue(),
                        column.has("detail") ? Json.text(column.get("detail")) : "")));
        List<ForeignKey> foreignKeys = new ArrayList<>();
        json.required("foreign-keys")
                .forEach(key -> foreignKeys.add(new ForeignKey(
                        names(key.required("columns")),
                        TableId.parse(key.required("references").textValue()),
                        names(key.required("referenced-columns")))));
        return new Relation(
                TableId.parse(json.required("table").textValue()),
                columns,
                names(json.required("primary-key")),
                foreignKeys,
                json.required("version").intValue(),
                json.path("oid").longValue(),
                oids(json.path("partitions")),
                version(json.path("from")),
                version(json.path("rows-from")),
                names(json.path("former-columns")));
    }

    private static void putVersion(ObjectNode json, String field, Version version) {
        json.putArray(field).add(version.position()).add(version.order());
    }

    private static Version version(JsonNode array) {
        return new Version(array.path(0).longValue(), array.path(1).intValue());
    }

    private static List<Long> oids(JsonNode array) {
        List<Long> oids = new ArrayList<>();
        array.forEach(oid -> oids.add(oid.longValue()));
        return oids;
    }

    private static void putNames(ObjectNode json, String field, List<String> names) {
        var array = json.putArray(field);
        names.forEach(array::add);
    }

    private static List<String> names(JsonNode array) {
        List<String> names = new ArrayList<>();
        array.forEach(name -> names.add(name.textValue()));
        return names;
    }
}
