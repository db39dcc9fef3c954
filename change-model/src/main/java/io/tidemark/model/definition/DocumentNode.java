package io.tidemark.model.definition;

import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.filter.RowFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * One table's place in a document tree. The object it contributes has the fields, then the constants, then the
 * references, then the children with their aggregates, each in the order given.
 *
 * @param relation the table, with its key
 * @param where which rows of the table there are at this place; the others are as if they were absent
 */
public record DocumentNode(
        Relation relation,
        List<Field> fields,
        List<Constant> constants,
        List<Reference> references,
        List<Children> children,
        RowFilter where) {

    public DocumentNode {
        fields = List.copyOf(fields);
        constants = List.copyOf(constants);
        references = List.copyOf(references);
        children = List.copyOf(children);
        requireDistinctNames(relation.table(), names(fields, constants, references, children));
    }

    /** A node of every row of its table. */
    public DocumentNode(
            Relation relation,
            List<Field> fields,
            List<Constant> constants,
            List<Reference> references,
            List<Children> children) {
        this(relation, fields, constants, references, children, RowFilter.everyRow());
    }

    /** A node of columns under their own names, without constants, of every row. */
    public DocumentNode(Relation relation, List<String> columns, List<Reference> references, List<Children> children) {
        this(relation, Field.named(columns), List.of(), references, children);
    }

    public TableId table() {
        return relation.table();
    }

    /** The names of the object's entries, and of children that are not listed. */
    public List<String> names() {
        return names(fields, constants, references, children);
    }

    private static List<String> names(
            List<Field> fields, List<Constant> constants, List<Reference> references, List<Children> children) {
        List<String> names = new ArrayList<>();
        fields.forEach(field -> names.add(field.name()));
        constants.forEach(constant -> names.add(constant.name()));
        references.forEach(
                reference -> names.addAll(reference.lifted() ? reference.node().names() : List.of(reference.name())));
        children.forEach(many -> names.add(many.name()));
        children.forEach(many -> many.aggregates().forEach(aggregate -> names.add(aggregate.name())));
        return names;
    }

    private static void requireDistinctNames(TableId table, List<String> names) {
        if (new HashSet<>(names).size() != names.size()) {
            throw new IllegalArgumentException("Two entries of " + table + "'s document object have the same name");
        }
    }
}
