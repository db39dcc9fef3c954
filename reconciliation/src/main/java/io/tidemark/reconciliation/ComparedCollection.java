package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.RowKey;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.StoredForm;
import java.util.List;

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

    /** A mirror's table: a tree of one node with every published column. */
    static ComparedCollection rowsOf(Relation relation) {
        List<String> columns = relation.columns().stream().map(Column::name).toList();
        return new ComparedCollection(
                relation.table().toString(), new DocumentNode(relation, columns, List.of(), List.of()));
    }
}
