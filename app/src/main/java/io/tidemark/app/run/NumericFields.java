package io.tidemark.app.run;

import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.EntryTypes;
import io.tidemark.model.definition.Reference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The numeric fields of a document model by dotted path, as a search index types them. */
final class NumericFields {

    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");
    private static final Set<String> FRACTIONS = Set.of("real", "double precision", "numeric");

    private final Map<String, String> types = new LinkedHashMap<>();

    private NumericFields() {}

    static Map<String, String> of(DocumentModel model) {
        NumericFields fields = new NumericFields();
        fields.add(model.root(), "");
        return fields.types;
    }

    private void add(DocumentNode node, String prefix) {
        node.fields().forEach(field -> put(prefix + field.name(), typeOf(node, field.column())));
        for (Reference reference : node.references()) {
            add(reference.node(), reference.lifted() ? prefix : prefix + reference.name() + ".");
        }
        for (Children children : node.children()) {
            add(children.node(), prefix + children.name() + ".");
            children.aggregates()
                    .forEach(aggregate -> put(
                            prefix + aggregate.name(),
                            EntryTypes.of(children, aggregate).baseType()));
        }
    }

    private static String typeOf(DocumentNode node, String column) {
        return node.relation().column(column).map(found -> found.baseType()).orElse("");
    }

    private void put(String path, String type) {
        if (INTEGERS.contains(type)) {
            types.put(path, "long");
        } else if (FRACTIONS.contains(type)) {
            types.put(path, "double");
        }
    }
}
