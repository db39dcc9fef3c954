package io.tidemark.model.definition;

import io.tidemark.model.TableId;
import java.util.LinkedHashSet;
import java.util.Set;

/** A tree of tables assembled into one nested document per row of the root table. */
public record DocumentModel(String name, DocumentNode root) implements ReadModel {

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
