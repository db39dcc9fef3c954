package io.tidemark.stores.sql;

import static java.util.stream.Collectors.joining;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.store.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The SQL of a table that keeps every version of each row of another one, with the interval it was the row.
 *
 * <p>A version ends where the next version of its key begins, or with the next truncate. A delete is a row of its own
 * with an empty interval, so that what comes to be written before it ends there. So the table is the same in whatever
 * order and however often the versions come.
 */
record HistoryTable(String schema, Relation relation) {

    static final String FROM = Document.POSITION_FIELD + "_from";
    static final String FROM_ORDER = FROM + "_order";
    static final String TO = Document.POSITION_FIELD + "_to";
    static final String TO_ORDER = TO + "_order";
    static final String VALID_FROM = Document.POSITION_FIELD + "_valid_from";
    static final String VALID_TO = Document.POSITION_FIELD + "_valid_to";
    static final String OPERATION = Document.POSITION_FIELD + "_operation";

    private static final String BEGIN = "(%1$s." + FROM + ", %1$s." + FROM_ORDER + ")";
    private static final String END = "(%1$s." + TO + ", %1$s." + TO_ORDER + ")";
    /** A delete, which has no interval that could end. */
    private static final String DELETE = "'d'";

    String name() {
        return relation.table().name() + "_history";
    }

    String quoted() {
        return SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote(name());
    }

    /** Truncates, which end versions that come to be written after them, too. */
    static String truncates(String schema) {
        return SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote("_tidemark_truncated");
    }

    /** Creates the table: found by key, and by the end of its intervals, since few of the past ended late. */
    List<String> create(Function<Column, String> type) {
        String columns = relation.columns().stream()
                .map(column -> SqlIdentifiers.quote(column.name()) + " " + type.apply(column))
                .collect(joining(", "));
        return List.of(
                "create table " + quoted() + " (" + columns + ", " + FROM + " bigint not null, " + FROM_ORDER
                        + " integer not null, " + TO + " bigint, " + TO_ORDER + " integer, " + VALID_FROM
                        + " timestamptz not null, " + VALID_TO + " timestamptz, " + OPERATION
                        + " text not null, primary key (" + key() + ", " + FROM + ", " + FROM_ORDER + "))",
                "create index on " + quoted() + " (" + TO + ", " + FROM + ")",
                "create index on " + quoted() + " (" + VALID_TO + ", " + VALID_FROM + ")");
    }

    String addColumn(String column, String type) {
        return "alter table " + quoted() + " add column " + SqlIdentifiers.quote(column) + " " + type;
    }

    /**
     * Writes versions that are not there, each once in the input, and ends those before them. Times are held between
     * those of the versions before and after. Parameters: versions (an array of JSON objects), collection.
     */
    String insert() {
        return "with input as materialized (select r.* from unnest(?::text[]) as e (value)"
                + " cross join lateral jsonb_populate_record(null::" + quoted() + ", "
                + GuardedTable.withoutFormer("e.value", relation) + ") as r)"
                + ", placed as (" + placed() + ")"
                + ", timed as (select p.*, least(p._tidemark_at_least, p._tidemark_after_at) as _tidemark_at"
                + " from placed p)"
                + ", linked as (select t.*, lead(t." + FROM + ") over later as _tidemark_next, lead(t." + FROM_ORDER
                + ") over later as _tidemark_next_order, lead(t._tidemark_at) over later as _tidemark_next_at"
                + " from timed t window later as (partition by " + keyOf("t") + " order by t." + FROM + ", t."
                + FROM_ORDER + "))"
                + ", inserted as (" + inserted() + ") " + endBefore();
    }

    /** Each version with the stored ones next to it. */
    private String placed() {
        return "select i.*, greatest(max(i." + VALID_FROM + ") over earlier, b." + VALID_FROM + ", case when "
                + END.formatted("b") + " <= " + BEGIN.formatted("i") + " then b." + VALID_TO
                + " end) as _tidemark_at_least, b." + FROM + " as _tidemark_before, b." + FROM_ORDER
                + " as _tidemark_before_order, a." + FROM + " as _tidemark_after, a." + FROM_ORDER
                + " as _tidemark_after_order, a." + VALID_FROM + " as _tidemark_after_at from input i"
                + neighbour("b", "<", " desc") + neighbour("a", ">", "")
                + " window earlier as (partition by " + keyOf("i") + " order by i." + FROM + ", i." + FROM_ORDER + ")";
    }

    private String neighbour(String alias, String comparison, String direction) {
        return " left join lateral (select h." + FROM + ", h." + FROM_ORDER + ", h." + TO + ", h." + TO_ORDER + ", h."
                + VALID_FROM + ", h." + VALID_TO + " from " + quoted() + " h where " + sameKey("h", "i") + " and "
                + BEGIN.formatted("h") + " " + comparison + " " + BEGIN.formatted("i") + " order by h." + FROM
                + direction + ", h." + FROM_ORDER + direction + " limit 1) " + alias + " on true";
    }

    /** What ends a version is the first of: the next one stored, the next one of the input, the next truncate. */
    private String inserted() {
        String columns = relation.columns().stream()
                .map(column -> "l." + SqlIdentifiers.quote(column.name()))
                .collect(joining(", "));
        return "insert into " + quoted() + " (" + SqlIdentifiers.quoteAll(columns()) + ") select " + columns + ", l."
                + FROM + ", l." + FROM_ORDER + ", " + unlessDelete("n.position", "l." + FROM) + ", "
                + unlessDelete("n.ord", "l." + FROM_ORDER) + ", l._tidemark_at, "
                + unlessDelete(
                        "case when n.committed is not null then greatest(least(n.committed, l._tidemark_after_at,"
                                + " l._tidemark_next_at), l._tidemark_at) end",
                        "l._tidemark_at")
                + ", l." + OPERATION
                + " from linked l left join lateral (select x.* from ("
                + "select l._tidemark_after, l._tidemark_after_order, l._tidemark_after_at, 1"
                + " where l._tidemark_after is not null union all "
                + "select l._tidemark_next, l._tidemark_next_order, l._tidemark_next_at, 2"
                + " where l._tidemark_next is not null union all "
                + "(select t.position, t.ord, t.committed, 3 from " + truncates(schema)
                + " t where t.collection = ? and (t.position, t.ord) > " + BEGIN.formatted("l")
                + " order by t.position, t.ord limit 1)) as x (position, ord, committed, rank)"
                + " order by x.position, x.ord, x.rank limit 1) n on true on conflict do nothing";
    }

    private static String unlessDelete(String value, String otherwise) {
        return "case when l." + OPERATION + " = " + DELETE + " then " + otherwise + " else " + value + " end";
    }

    /** Of several versions of the input behind a stored one the first ends it. */
    private String endBefore() {
        String before = keyOf("l") + ", l._tidemark_before, l._tidemark_before_order";
        return "update " + quoted() + " h set " + TO + " = c." + FROM + ", " + TO_ORDER + " = c." + FROM_ORDER + ", "
                + VALID_TO + " = c._tidemark_at from (select distinct on (" + before + ") l.* from linked l"
                + " where l._tidemark_before is not null order by " + before + ", l." + FROM + ", l." + FROM_ORDER
                + ") c where " + sameKey("h", "c") + " and " + BEGIN.formatted("h")
                + " = (c._tidemark_before, c._tidemark_before_order) and h." + OPERATION + " <> " + DELETE + " and (h."
                + TO + " is null or " + END.formatted("h") + " > " + BEGIN.formatted("c") + ")";
    }

    /** Ends what a truncate ended, no later than it was ended by what came next. Parameters: position, order, commit time. */
    String truncate() {
        String version = "(v.position, v.ord)";
        return "update " + quoted() + " h set " + TO + " = v.position, " + TO_ORDER + " = v.ord, " + VALID_TO
                + " = greatest(h." + VALID_FROM + ", least(v.committed, h." + VALID_TO
                + ")) from (select ?::bigint as position, ?::integer as ord,"
                + " ?::timestamptz as committed) v where " + BEGIN.formatted("h") + " < " + version + " and h."
                + OPERATION + " <> " + DELETE + " and (h." + TO + " is null or " + END.formatted("h") + " > " + version
                + ")";
    }

    private List<String> columns() {
        List<String> columns =
                new ArrayList<>(relation.columns().stream().map(Column::name).toList());
        columns.addAll(List.of(FROM, FROM_ORDER, TO, TO_ORDER, VALID_FROM, VALID_TO, OPERATION));
        return columns;
    }

    private String key() {
        return SqlIdentifiers.quoteAll(relation.primaryKey());
    }

    private String keyOf(String alias) {
        return relation.primaryKey().stream()
                .map(name -> alias + "." + SqlIdentifiers.quote(name))
                .collect(joining(", "));
    }

    private String sameKey(String left, String right) {
        return relation.primaryKey().stream()
                .map(SqlIdentifiers::quote)
                .map(name -> left + "." + name + " = " + right + "." + name)
                .collect(joining(" and "));
    }
}
