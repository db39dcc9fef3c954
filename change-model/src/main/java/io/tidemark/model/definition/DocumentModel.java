package io.tidemark.model.definition;

import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A tree of tables assembled into one nested document per row of the root table.
 *
 * @param key columns of the root that tell its documents apart, in the order they have in a document's key
 * @param form what stores hold of a document
 */
public record DocumentModel(String name, DocumentNode root, List<String> key, StoredForm form) implements ReadModel {

    public DocumentModel {
        key = List.copyOf(key);
    }

    /** Documents that are stored as they are assembled. */
    public DocumentModel(String name, DocumentNode root, List<String> key) {
        this(name, root, key, StoredForm.AS_ASSEMBLED);
    }

    /** The same that the root's primary key tells apart. */
    public DocumentModel(String name, DocumentNode root) {
        this(name, root, root.relation().primaryKey());
    }

    /** The same under another name. */
    public DocumentModel named(String other) {
        return new DocumentModel(other, root, key, form);
    }

    /** Whether something else than the root's primary key tells its documents apart. */
    public boolean hasOwnKey() {
        return !key.equals(root.relation().primaryKey());
    }

    /** The root table keyed as its documents are: makes a document's key of a row. */
    public Relation keyed() {
        return root.relation().keyedBy(key);
    }

    /** Every table of the tree, the root first. */
    public Set<TableId> tables() {
        Set<TableId> tables = new LinkedHashSet<>();
        collect(root, tables);
        return tables;
    }

    private static void collect(DocumentNode node, Set<TableId> tables) {
        tables.add(node.table());
        node.references().forEach(reference -> collect(reference.node(), tables));
        node.children().forEach(children -> collect(children.node(), tables));
    }
}
