package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.StoredForm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One collection of a read model and the tree of tables each of its documents is built from.
 *
 * @param name as {@link io.tidemark.model.store.Document#collection} says it
 * @param keyed the root's table, keyed as the documents are
 * @param form what stores hold of a document
 */
public record ComparedCollection(String name, DocumentNode root, Relation keyed, StoredForm form) {

    /** Of PostgreSQL's numeric. */
    private static final int MAX_SCALE = 16_383;

    private static final Set<String> NUMBERS_AND_BOOLEANS =
            Set.of("smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean");

    /** Documents that the root's primary key tells apart, stored as they are. */
    public ComparedCollection(String name, DocumentNode root) {
        this(name, root, root.relation(), StoredForm.AS_ASSEMBLED);
    }

    /** Whether a key that a store tells has this collection's columns, and is spelled as topics may have it. */
    boolean mayHave(RowKey key) {
        try {
            ObjectNode values = key.values();
            for (JsonNode value : values) {
                if (value.isBigDecimal() && Math.abs(value.decimalValue().scale()) > MAX_SCALE) {
                    return false; // too long to be printed
                }
            }
            return keyed.keyOf(values).equals(key);
        } catch (IllegalArgumentException e) {
            return false; // no JSON object, or without a column
        }
    }

    /** Whether it tells a value for each column of the key, however it is spelled. */
    boolean hasColumnsOf(RowKey key) {
        try {
            ObjectNode values = key.values();
            return keyed.primaryKey().stream().allMatch(values::has);
        } catch (IllegalArgumentException e) {
            return false; // no JSON object
        }
    }

    /**
     * The key of the document that a store may have in the place of what it says has this key: with the same columns, or
     * of the same {@link RowKey#text()}. Empty when there is none.
     */
    Optional<RowKey> properKey(RowKey told) {
        List<String> columns = keyed.primaryKey();
        Map<String, String> texts = new HashMap<>();
        if (hasColumnsOf(told)) {
            columns.forEach(column -> texts.put(column, told.text(column)));
        } else if (columns.size() == 1) {
            texts.put(columns.get(0), textOf(told));
        } else {
            String[] parts = textOf(told).split("\\|", -1);
            for (int i = 0; i < parts.length && parts.length == columns.size(); i++) {
                texts.put(columns.get(i), parts[i].replace("%7C", "|").replace("%25", "%"));
            }
        }
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode values = Json.object();
        columns.forEach(column -> values.set(column, valueOf(column, texts.getOrDefault(column, ""))));
        RowKey proper = new RowKey(Json.text(values));
        return mayHave(proper) ? Optional.of(proper) : Optional.empty();
    }

    /** The key that a text means: {@link RowKey#text()}, or a JSON object with its columns. Empty when it means none. */
    Optional<RowKey> keyOf(String text) {
        RowKey told = new RowKey(text);
        return text.startsWith("{") && !hasColumnsOf(told) ? Optional.empty() : properKey(told);
    }

    private static String textOf(RowKey key) {
        try {
            return key.text();
        } catch (IllegalArgumentException e) {
            return key.json(); // no JSON object
        }
    }

    private JsonNode valueOf(String column, String text) {
        try {
            JsonNode value = Json.parse(text);
            boolean printed = NUMBERS_AND_BOOLEANS.contains(
                    keyed.column(column).orElseThrow().baseType());
            return printed ? value : TextNode.valueOf(text);
        } catch (IllegalArgumentException e) {
            return TextNode.valueOf(text);
        }
    }

    /** A mirror's table: a tree of one node with every published column. */
    static ComparedCollection rowsOf(Relation relation) {
        List<String> columns = relation.columns().stream().map(Column::name).toList();
        return new ComparedCollection(
                relation.table().toString(), new DocumentNode(relation, columns, List.of(), List.of()));
    }
}
