package io.tidemark.stores.sql;

import static java.util.stream.Collectors.joining;

import io.tidemark.model.Column;
import io.tidemark.model.JsonbSql;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.HashedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of one table whose rows are guarded by their versions.
 *
 * <p>Statements take rows as arrays, see {@link RowArrays}; the warehouse's own input functions read the values, so every
 * digit arrives as the source printed it.
 *
 * @param document the column of type jsonb that takes a row's document as it is; null where there is none
 */
record GuardedTable(
        String schema, Relation relation, @Nullable String document) {

    static final String POSITION = Document.POSITION_FIELD;
    static final String ORDER = Document.POSITION_FIELD + "_order";
    /** Not in the table: the key as topics hold it. */
    static final String KEY = Document.POSITION_FIELD + "_key";

    /** Among the remembered deletes, a delete of every key. */
    private static final String TRUNCATE = SqlIdentifiers.literal(RowKey.TRUNCATE.json());

    private static final String ORDINAL = Document.POSITION_FIELD + "_n";
    /** An alias no column can shadow: {@code to_jsonb(t)} would mean a column named t. */
    private static final String ROW = Document.POSITION_FIELD + "_row";

    GuardedTable(String schema, Relation relation) {
        this(schema, relation, null);
    }

    String quoted() {
        return SqlIdentifiers.quote(schema) + "."
                + SqlIdentifiers.quote(relation.table().name());
    }

    /** Creates the table; everything but the key may be NULL, since the source's constraints are the source's. */
    String create(Function<Column, String> type) {
        String columns = relation.columns().stream()
                .map(column -> SqlIdentifiers.quote(column.name()) + " " + type.apply(column))
                .collect(joining(", "));
        return "create table " + quoted() + " (" + columns + ", " + POSITION + " bigint not null, " + ORDER
                + " integer not null, primary key (" + SqlIdentifiers.quoteAll(relation.primaryKey()) + "))";
    }

    String addColumn(String column, String type) {
        return "alter table " + quoted() + " add column " + SqlIdentifiers.quote(column) + " " + type;
    }

    /**
     * Writes rows that are newer than what is there and than the key's last delete, in the order given, so that two
     * who write in the order of keys cannot deadlock; returns the ordinals, from 1, of those written. Parameters: those
     * of {@link RowArrays}, collection.
     */
    String upsert() {
        return upsert(">=", version("t") + " < " + version("excluded"));
    }

    /**
     * Writes rows where nothing newer is there; returns the ordinals, from 1, of those written. Parameters: those of
     * {@link RowArrays}, collection.
     *
     * @param found a position that is replaced, too
     */
    String mend(long found) {
        return upsert(">", replaceable("t", "excluded", found));
    }

    /** Deletes as {@link #delete} where nothing newer is there; the same parameters. */
    String mendDelete(long found) {
        return delete(replaceable("t", "i", found));
    }

    /** Somebody may have taken the position away. */
    private static String replaceable(String stored, String mended, long found) {
        return "(coalesce(" + stored + "." + POSITION + ", 0) <= " + mended + "." + POSITION + " or " + stored + "."
                + POSITION + " = " + found + ")";
    }

    private String upsert(String fencing, String replaceable) {
        List<String> columns = columnsWithVersion();
        return "with " + input() + ", written as (insert into " + quoted() + " as t ("
                + SqlIdentifiers.quoteAll(columns) + ") select " + list(columns, name -> "i." + name) + " from input i"
                + " where not exists (select from " + Bookkeeping.deleted(schema) + " d where d.collection = ?"
                + " and d.key in (i." + KEY + ", " + TRUNCATE + ") and (d.position, d.ord) " + fencing + " "
                + version("i") + ")"
                + " order by i." + ORDINAL + " on conflict (" + SqlIdentifiers.quoteAll(relation.primaryKey())
                + ") do update set "
                + list(columns, name -> name + " = excluded." + name)
                + " where " + replaceable
                + " returning " + list(relation.primaryKey(), name -> "t." + name) + ")"
                + " select i." + ORDINAL + " from input i join written w on " + sameKey("i", "w");
    }

    /**
     * Deletes rows that are older, and remembers every delete; returns the ordinals, from 1, of those that left
     * nothing newer standing. Parameters: those of {@link RowArrays}, of whose rows the key is read, collection.
     */
    String delete() {
        return delete(version("t") + " < " + version("i"));
    }

    private String delete(String replaceable) {
        return "with " + input() + ", gone as (delete from " + quoted() + " t using input i where " + sameKey("t", "i")
                + " and " + replaceable + "), remembered as (insert into "
                + Bookkeeping.deleted(schema) + " as d (collection, key, position, ord, deleted_at)"
                + " select ?, i." + KEY + ", i." + POSITION + ", i." + ORDER + ", now() from input i"
                + Bookkeeping.NEWEST_DELETE + ")"
                + " select i." + ORDINAL + " from input i where not exists (select from " + quoted() + " t where "
                + sameKey("t", "i") + " and not " + replaceable + ")";
    }

    /**
     * Deletes every row that is older, and remembers that, as one more deleted key. Parameters: collection, position,
     * order.
     */
    String truncate() {
        return "with version as (select ?::text as collection, ?::bigint as position, ?::integer as ord), gone as ("
                + "delete from " + quoted() + " t using version v where " + version("t") + " < (v.position, v.ord))"
                + " insert into " + Bookkeeping.deleted(schema) + " as d (collection, key, position, ord, deleted_at)"
                + " select v.collection, " + TRUNCATE + ", v.position, v.ord, now() from version v"
                + Bookkeeping.NEWEST_DELETE;
    }

    String dropColumn(String column) {
        return "alter table " + quoted() + " drop column " + SqlIdentifiers.quote(column);
    }

    /** Every row as its JSON and position. */
    String selectAll() {
        return "select " + body() + " from " + quoted() + " as " + ROW;
    }

    /** The rows of some keys. Parameter: the keys. */
    String selectKeys() {
        return "select " + body() + " from " + quoted() + " as " + ROW + " join jsonb_populate_recordset(null::"
                + quoted() + ", ?::jsonb) as k on " + sameKey(ROW, "k");
    }

    /** The rows as the warehouse hashes them; {@code document} is an expression of {@link #ofRow columns}. */
    HashedTable hashed(String document, String where) {
        return new HashedTable(
                quoted(),
                ROW,
                relation.primaryKey().stream()
                        .map(name -> HashedTable.keyText(
                                ofRow(name), relation.column(name).orElseThrow().baseType()))
                        .toList(),
                document,
                where);
    }

    /** A row's key as the text of a JSON object. */
    String keyText() {
        return JsonbSql.object(relation.primaryKey().stream()
                        .map(column -> JsonbSql.entry(column, ofRow(column)))
                        .toList())
                + "::text";
    }

    /** Whether a row has a position up to this one; one that somebody took the position from is at 0. */
    static String upTo(long position) {
        return "coalesce(" + ofRow(POSITION) + ", 0) <= " + position;
    }

    /** A column of the alias {@link #ROW}. */
    static String ofRow(String column) {
        return ROW + "." + SqlIdentifiers.quote(column);
    }

    private static String body() {
        return "to_jsonb(" + ROW + ") - array['" + POSITION + "', '" + ORDER + "'], " + ROW + "." + POSITION;
    }

    private String input() {
        return "input as materialized (select e.n as " + ORDINAL + ", e.key as " + KEY + ", e.position as " + POSITION
                + ", e.ord as " + ORDER + ", "
                + relation.columns().stream().map(this::value).collect(joining(", "))
                + " from " + RowArrays.PARAMETERS + " with ordinality as e (key, position, ord, row, document, n)"
                + " cross join lateral jsonb_populate_record(null::" + quoted() + ", "
                + withoutFormer("e.row", relation) + ") as r)";
    }

    /**
     * The JSON of a row without the columns that old rows still have: where the table has one of that name it is somebody
     * else's, and need not take the value.
     *
     * @param text the expression of its text
     */
    static String withoutFormer(String text, Relation relation) {
        String names = relation.former().stream().map(SqlIdentifiers::literal).collect(joining(", "));
        return names.isEmpty() ? text + "::jsonb" : "(" + text + "::jsonb - array[" + names + "]::text[])";
    }

    private String value(Column column) {
        String name = SqlIdentifiers.quote(column.name());
        return (column.name().equals(document) ? "e.document::jsonb" : "r." + name) + " as " + name;
    }

    private String sameKey(String left, String right) {
        return relation.primaryKey().stream()
                .map(SqlIdentifiers::quote)
                .map(name -> left + "." + name + " = " + right + "." + name)
                .collect(joining(" and "));
    }

    private List<String> columnsWithVersion() {
        List<String> columns =
                new ArrayList<>(relation.columns().stream().map(Column::name).toList());
        columns.add(POSITION);
        columns.add(ORDER);
        return columns;
    }

    private static String list(List<String> names, Function<String, String> each) {
        return names.stream().map(SqlIdentifiers::quote).map(each).collect(joining(", "));
    }

    private static String version(String alias) {
        return "(" + alias + "." + POSITION + ", " + alias + "." + ORDER + ")";
    }
}
