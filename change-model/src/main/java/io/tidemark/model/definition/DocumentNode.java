package io.tidemark.model.definition;

import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.filter.RowFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One table's place in a document tree. The object it contributes has the fields, then the references, then the
 * children, each in the order given.
 *
 * @param relation the table, with its key
 * @param fields columns that appear in the document under their own names
 * @param where which rows of the table there are at this place; the others are as if they were absent
 */
public record DocumentNode(
        Relation relation, List<String> fields, List<Reference> references, List<Children> children, RowFilter where) {

    /** A node of every row of its table. */
    public DocumentNode(Relation relation, List<String> fields, List<Reference> references, List<Children> children) {
        this(relation, fields, references, children, RowFilter.everyRow());
    }

    public DocumentNode {
        fields = List.copyOf(fields);
        references = List.copyOf(references);
        children = List.copyOf(children);
        requireDistinctNames(relation.table(), fields, references, children);
    }

    public TableId table() {
        return relation.table();
    }

    private static void requireDistinctNames(
            TableId table, List<String> fields, List<Reference> references, List<Children> children) {
        Set<String> names = new HashSet<>(fields);
        int expected = fields.size() + references.size() + children.size();
        references.forEach(reference -> names.add(reference.name()));
        children.forEach(child -> names.add(child.name()));
        if (names.size() != expected) {
            throw new IllegalArgumentException("Two entries of " + table + "'s document object have the same name");
        }
    }
}
