package io.tidemark.projections.internal.assembler;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.definition.SortColumn;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The columns a definition looks at: fields, joins, filters, orders, aggregates, and the key.
 *
 * <p>A row at or below a step's floor may be older than a column, which is NULL in it. The source had every column when
 * the floor was chosen, for the first start of the read model; so a row from above it that lacks one tells that the
 * column was renamed or dropped. To take it for NULL would empty fields and lists, move children away, or show what a
 * filter hid.
 */
final class NeededColumns {

    private final Map<TableId, Set<String>> byTable = new HashMap<>();

    private NeededColumns() {}

    static NeededColumns of(DocumentModel model) {
        NeededColumns needed = new NeededColumns();
        needed.add(model.root());
        needed.add(model.root().table(), model.key());
        return needed;
    }

    private void add(DocumentNode node) {
        add(node.table(), node.fields().stream().map(Field::column).toList());
        add(node.table(), node.where().columns());
        for (Reference reference : node.references()) {
            add(node.table(), reference.by());
            add(reference.node());
        }
        for (Children children : node.children()) {
            TableId table = children.node().table();
            add(table, children.by());
            add(table, children.order().stream().map(SortColumn::column).toList());
            add(
                    table,
                    children.aggregates().stream()
                            .map(Aggregate::column)
                            .filter(Objects::nonNull)
                            .toList());
            add(children.node());
        }
    }

    private void add(TableId table, Collection<String> columns) {
        byTable.computeIfAbsent(table, any -> new TreeSet<>()).addAll(columns);
    }

    /** Of a table, whatever place it has in the tree. */
    Set<String> of(TableId table) {
        return byTable.getOrDefault(table, Set.of());
    }

    /**
     * Looks at a row from above the floor.
     *
     * @throws TidemarkException FAILED when it lacks a column
     */
    static void requireIn(TableId table, Edge.Row row) {
        if (!row.lacks().isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.FAILED,
                    "Rows of " + table + " have no column '" + String.join("', '", row.lacks())
                            + "' any more, which this read model is made of. Its documents stay as of before that, and it"
                            + " stops here at every start, since those rows stay in the topic. Give the column its name"
                            + " back and have the table read again ('tidemark snapshot " + table + "' while capture"
                            + " runs), or define the documents without it; then start again with a new name and new"
                            + " targets for the read model");
        }
    }
}
