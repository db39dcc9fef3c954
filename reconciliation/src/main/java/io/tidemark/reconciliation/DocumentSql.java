package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.JsonbSql;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.store.Division;
import io.tidemark.model.store.HashedTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The SQL that says what the documents of a tree must be, generated from the same definition the assembler follows.
 *
 * <p>Values are printed by {@code jsonb_build_object}, which prints a column exactly as {@code to_jsonb(row)} does.
 * Table aliases are {@code t0} for the root, {@code t1} for what hangs below it, and so on; siblings share a name,
 * since each subquery is a scope of its own.
 */
public final class DocumentSql {

    private static final Set<String> EXACT_NUMBERS = Set.of("smallint", "integer", "bigint", "numeric");

    private final DocumentNode root;
    private final Relation keyed;

    /** Of documents that the root's primary key tells apart. */
    public DocumentSql(DocumentNode root) {
        this(root, root.relation());
    }

    /**
     * Of any documents.
     *
     * @param keyed the root's table, keyed as its documents are
     */
    public DocumentSql(DocumentNode root, Relation keyed) {
        this.root = root;
        this.keyed = keyed;
    }

    /** Every document, in the order of their keys: the key's columns as a JSON object, the root row's xmin, the document; all text. */
    public String all() {
        return selectDocuments() + whereRoot() + orderByKey();
    }

    /** Some of the documents, each as likely as any other, as in {@link #all()} but in no order. */
    String sample(Scope.Sample sample) {
        return selectDocuments() + " TABLESAMPLE BERNOULLI (" + sample.percent() + ")" + whereRoot();
    }

    /** Like {@link #all()} for the keys of one bound parameter: a JSON array of key objects. */
    public String ofKeys() {
        return selectDocuments() + joinKeys() + whereRoot() + orderByKey();
    }

    /**
     * The bound keys, as in {@link #ofKeys()}, as the columns print them, without those that no column can hold: the key's
     * columns as a JSON object. Fails on a value that is none of its type.
     */
    String spelledKeys() {
        List<String> key = keyed.primaryKey();
        String object = JsonbSql.object(
                key.stream().map(name -> JsonbSql.entry(name, inColumn(name))).toList());
        String held = key.stream()
                .map(name -> inColumn(name) + " = k." + SqlIdentifiers.quote(name))
                .collect(Collectors.joining(" AND "));
        return "SELECT " + object + "::text FROM " + keyRecords() + " WHERE " + held;
    }

    private String inColumn(String name) {
        return "CAST(k." + SqlIdentifiers.quote(name) + " AS "
                + column(keyed, name).type() + ")";
    }

    /** Those of the bound keys, as in {@link #ofKeys()}, that have a document: the key's columns as a JSON object. */
    public String presentKeys() {
        return "SELECT " + keyText() + " FROM " + root.table().quoted() + " AS t0" + joinKeys() + whereRoot();
    }

    /** The documents as the source hashes them. */
    HashedTable hashed() {
        return new HashedTable(
                root.table().quoted(),
                "t0",
                keyed.primaryKey().stream()
                        .map(name -> HashedTable.keyText(
                                reference(0, name), column(keyed, name).baseType()))
                        .toList(),
                object(root, 0),
                isFiltered(root) ? root.where().sql("t0") : "");
    }

    /** Of the bound keys, as in {@link #ofKeys()}: the key's columns as a JSON object, the key's hash, the document's. */
    String hashesOfKeys(Division division) {
        return hashed().selectHashes(keyText(), joinKeys(), division);
    }

    /** The key's columns as the text of a JSON object. */
    String keyText() {
        return keyObject() + "::text";
    }

    private String selectDocuments() {
        return "SELECT " + keyText() + ", t0.xmin::text, (" + object(root, 0) + ")::text FROM "
                + root.table().quoted() + " AS t0";
    }

    private String keyObject() {
        return JsonbSql.object(keyed.primaryKey().stream()
                .map(key -> JsonbSql.entry(key, reference(0, key)))
                .toList());
    }

    private String keyRecords() {
        String types = keyed.primaryKey().stream()
                .map(key -> SqlIdentifiers.quote(key) + " " + bindType(keyed, key))
                .collect(Collectors.joining(", "));
        return "jsonb_to_recordset(CAST(? AS jsonb)) AS k(" + types + ")";
    }

    private String joinKeys() {
        String equal = keyed.primaryKey().stream()
                .map(key -> reference(0, key) + " = k." + SqlIdentifiers.quote(key))
                .collect(Collectors.joining(" AND "));
        return " JOIN " + keyRecords() + " ON " + equal;
    }

    private String whereRoot() {
        return isFiltered(root) ? " WHERE " + root.where().sql("t0") : "";
    }

    private String orderByKey() {
        return " ORDER BY "
                + keyed.primaryKey().stream().map(key -> reference(0, key)).collect(Collectors.joining(", "));
    }

    private static String object(DocumentNode node, int depth) {
        List<String> entries = new ArrayList<>();
        node.fields().forEach(field -> entries.add(JsonbSql.entry(field.name(), reference(depth, field.column()))));
        node.constants().forEach(constant -> entries.add(JsonbSql.entry(constant.name(), json(constant.value()))));
        List<String> lifted = new ArrayList<>();
        for (Reference one : node.references()) {
            if (one.lifted()) {
                lifted.add(" || " + referenced(node, one, depth));
            } else {
                entries.add(JsonbSql.entry(one.name(), referenced(node, one, depth)));
            }
        }
        node.children().forEach(many -> addChildren(node, many, depth, entries));
        return JsonbSql.object(entries) + String.join("", lifted);
    }

    /** A scalar subquery: no row makes it NULL, which jsonb_build_object prints as JSON null. */
    private static String referenced(DocumentNode holder, Reference one, int depth) {
        return "(SELECT " + object(one.node(), depth + 1) + referencedRow(holder, one, depth) + ")";
    }

    /** The row that a row refers to, as FROM and WHERE. */
    private static String referencedRow(DocumentNode holder, Reference one, int depth) {
        DocumentNode node = one.node();
        List<String> key = node.relation().primaryKey();
        requirePairs(one.name(), one.by(), key);
        String equal = IntStream.range(0, key.size())
                .mapToObj(i -> reference(depth + 1, key.get(i)) + " = "
                        + inTypeOf(holder.relation(), one.by().get(i), depth, node.relation(), key.get(i)))
                .collect(Collectors.joining(" AND "));
        return " FROM " + from(node, depth + 1) + " WHERE " + equal + andFilter(node, depth + 1);
    }

    private static void addChildren(DocumentNode holder, Children many, int depth, List<String> entries) {
        String rows = childRows(holder, many, depth);
        if (many.listed()) {
            entries.add(JsonbSql.entry(many.name(), list(many, rows, depth + 1)));
        }
        many.aggregates()
                .forEach(aggregate -> entries.add(
                        JsonbSql.entry(aggregate.name(), AggregateSql.of(many, aggregate, rows, "t" + (depth + 1)))));
    }

    private static String list(Children many, String rows, int depth) {
        String object = object(many.node(), depth);
        String order = SortSql.order(many, "t" + depth);
        if (many.limit() == Children.ALL) {
            return "(SELECT coalesce(jsonb_agg(" + object + " ORDER BY " + order + "), '[]'::jsonb)" + rows + ")";
        }
        return "(SELECT coalesce(jsonb_agg(e.o ORDER BY e.n), '[]'::jsonb) FROM (SELECT " + object
                + " AS o, row_number() OVER (ORDER BY " + order + ") AS n" + rows + " ORDER BY " + order + " LIMIT "
                + many.limit() + ") AS e)";
    }

    /** The children of a row, as FROM and WHERE. */
    private static String childRows(DocumentNode holder, Children many, int depth) {
        DocumentNode node = many.node();
        List<String> key = holder.relation().primaryKey();
        requirePairs(many.name(), many.by(), key);
        String equal = IntStream.range(0, key.size())
                .mapToObj(i -> inTypeOf(node.relation(), many.by().get(i), depth + 1, holder.relation(), key.get(i))
                        + " = " + reference(depth, key.get(i)))
                .collect(Collectors.joining(" AND "));
        String leadingSomewhere = node.references().stream()
                .filter(Reference::lifted)
                .map(one -> " AND EXISTS (SELECT 1" + referencedRow(node, one, depth + 1) + ")")
                .collect(Collectors.joining());
        return " FROM " + from(node, depth + 1) + " WHERE " + equal + leadingSomewhere + andFilter(node, depth + 1);
    }

    /** A foreign key's column, compared as the referenced key's type where that is not the same comparison anyway. */
    private static String inTypeOf(Relation relation, String column, int depth, Relation keyed, String keyColumn) {
        String type = column(relation, column).baseType();
        String keyType = column(keyed, keyColumn).baseType();
        String value = reference(depth, column);
        boolean comparable = type.equals(keyType) || (EXACT_NUMBERS.contains(type) && EXACT_NUMBERS.contains(keyType));
        return comparable ? value : "CAST(" + value + " AS " + bindType(keyed, keyColumn) + ")";
    }

    /** The column's type without a length, which would cut or refuse a value instead of finding it unequal. */
    private static String bindType(Relation relation, String column) {
        String type = column(relation, column).baseType();
        return switch (type) {
            case "character" -> "bpchar";
            case "bit" -> "varbit";
            default -> type;
        };
    }

    private static Column column(Relation relation, String name) {
        return relation.column(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Table " + relation.table() + " has no column '" + name + "' to build a document with"));
    }

    private static void requirePairs(String name, List<String> by, List<String> key) {
        if (by.size() != key.size()) {
            throw new IllegalArgumentException("'" + name + "' pairs " + by + " with the key " + key);
        }
    }

    private static String andFilter(DocumentNode node, int depth) {
        return isFiltered(node) ? " AND " + node.where().sql("t" + depth) : "";
    }

    private static boolean isFiltered(DocumentNode node) {
        return !node.where().isEveryRow();
    }

    private static String from(DocumentNode node, int depth) {
        return node.table().quoted() + " AS t" + depth;
    }

    private static String reference(int depth, String column) {
        return "t" + depth + "." + SqlIdentifiers.quote(column);
    }

    private static String json(JsonNode value) {
        return literal(Json.text(value)) + "::jsonb";
    }

    private static String literal(String text) {
        return SqlIdentifiers.literal(text);
    }
}
