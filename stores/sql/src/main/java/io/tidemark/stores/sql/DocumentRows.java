package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.JsonbSql;
import io.tidemark.model.Relation;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TableId;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Documents as rows of one table, and back. */
final class DocumentRows implements RowTables {

    /** In a document read back: the columns that do not hold what the document says, with what they hold. */
    static final String WRONG_COLUMNS = Document.POSITION_FIELD + "_columns";

    private final SqlDocumentTable where;
    private final GuardedTable table;
    private final List<Column> columns;

    DocumentRows(SqlDocumentTable where) {
        this.where = where;
        List<Column> all = new ArrayList<>(where.key());
        all.add(new Column(SqlDocumentTable.DOCUMENT, "jsonb", 0, false));
        all.addAll(where.columns());
        List<String> key = where.key().stream().map(Column::name).toList();
        Relation relation = new Relation(where.table(), all, key, List.of(), 1);
        this.table = new GuardedTable(where.table().schema(), relation, SqlDocumentTable.DOCUMENT);
        this.columns = where.columns();
    }

    /** The same in a table of another name, in the same schema. */
    DocumentRows in(String name) {
        TableId table = where.table();
        return name.equals(table.name())
                ? this
                : new DocumentRows(
                        new SqlDocumentTable(new TableId(table.schema(), name), where.key(), where.columns()));
    }

    GuardedTable table() {
        return table;
    }

    /** There is one table, whatever the model is called. */
    @Override
    public GuardedTable of(String collection) {
        return table;
    }

    /** Without the document itself, which goes to the server as it is. */
    @Override
    public String row(Document document) {
        if (columns.isEmpty()) {
            return document.key().json();
        }
        ObjectNode body = Objects.requireNonNull(document.body());
        ObjectNode row = document.key().values();
        for (Column column : columns) {
            JsonNode value = body.get(column.name());
            if (value != null) {
                row.set(column.name(), value);
            }
        }
        return Json.text(row);
    }

    /** A row as the document it is; what is no object was written by somebody else and counts as an empty one. */
    StoredDocument document(ObjectNode row, long position) {
        ObjectNode body = row.get(SqlDocumentTable.DOCUMENT) instanceof ObjectNode document ? document : Json.object();
        ObjectNode wrong = Json.object();
        for (Column column : columns) {
            JsonNode said = valueOf(body, column);
            JsonNode held = valueOf(row, column);
            if (!holds(held, said)) {
                wrong.set(column.name(), held);
            }
        }
        if (!wrong.isEmpty()) {
            body.set(WRONG_COLUMNS, wrong);
        }
        return new StoredDocument(table.relation().keyOf(row), position, body);
    }

    /** The same as SQL; columns that hold what the document says in another type count as wrong here. */
    String document(Set<String> present) {
        String stored = GuardedTable.ofRow(SqlDocumentTable.DOCUMENT);
        String document = "CASE jsonb_typeof(" + stored + ") WHEN 'object' THEN " + stored + " ELSE '{}'::jsonb END";
        if (columns.isEmpty()) {
            return document;
        }
        String held = columns.stream()
                .map(Column::name)
                .map(name -> text(present.contains(name) ? "to_jsonb(" + GuardedTable.ofRow(name) + ")" : "NULL::jsonb")
                        + " = " + text(stored + " -> " + SqlIdentifiers.literal(name)))
                .collect(Collectors.joining(" AND "));
        String wrong = JsonbSql.object(List.of(JsonbSql.entry(WRONG_COLUMNS, "true")));
        return document + " || CASE WHEN " + held + " THEN '{}'::jsonb ELSE " + wrong + " END";
    }

    private static String text(String json) {
        return "coalesce(" + json + ", 'null'::jsonb)::text";
    }

    private static JsonNode valueOf(ObjectNode object, Column column) {
        JsonNode value = object.get(column.name());
        return value == null ? NullNode.getInstance() : value;
    }

    /** A type the warehouse does not have is text there: a number of a domain over it, for example. */
    private static boolean holds(JsonNode held, JsonNode said) {
        return Json.same(held, said) || (held.isTextual() && !said.isTextual() && isTextOf(held.textValue(), said));
    }

    private static boolean isTextOf(String text, JsonNode said) {
        try {
            return Json.same(Json.parse(text), said);
        } catch (IllegalArgumentException noJson) {
            return false;
        }
    }
}
