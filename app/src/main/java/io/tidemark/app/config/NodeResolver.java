package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.NodeConfig;
import io.tidemark.app.config.ReadModelConfig.RelatedConfig;
import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.filter.RowFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Resolves the tree of a document; a subtree with a problem is left out, so that the rest is still looked at. */
final class NodeResolver {

    private final Catalogue catalogue;
    private final Problems problems;
    private final JoinResolver joins;
    private final FilterResolver filters;

    NodeResolver(Catalogue catalogue, Problems problems, FilterTrial trial) {
        this.catalogue = catalogue;
        this.problems = problems;
        this.joins = new JoinResolver(catalogue, problems);
        this.filters = new FilterResolver(catalogue, problems, trial);
    }

    Optional<DocumentNode> resolve(Relation relation, NodeConfig node) {
        List<String> fields = fields(relation, node);
        RowFilter where = filters.resolve(relation, node.where());
        List<Reference> references = node.one().stream()
                .flatMap(one -> reference(relation, one).stream())
                .toList();
        List<Children> children = node.many().stream()
                .flatMap(many -> children(relation, many).stream())
                .toList();
        if (hasNameTwice(relation, fields, node)) {
            return Optional.empty();
        }
        return Optional.of(new DocumentNode(relation, fields, references, children, where));
    }

    private List<String> fields(Relation relation, NodeConfig node) {
        if (node.fields().isEmpty()) {
            relation.columns().forEach(column -> refuseReserved(column.name(), node.table()));
            return relation.columns().stream().map(Column::name).toList();
        }
        node.fields().forEach(field -> refuseReserved(field.text(), field));
        return columnNames(relation, node.fields());
    }

    private List<String> columnNames(Relation relation, List<Mention> mentions) {
        List<String> names = new ArrayList<>();
        mentions.forEach(mention -> catalogue.column(relation, mention).ifPresent(column -> names.add(column.name())));
        return names;
    }

    private void refuseReserved(String column, Mention mention) {
        if (Names.isReserved(column)) {
            problems.add(
                    mention.place(),
                    "column '" + column + "' begins with _tidemark, which is Tidemark's own; leave it out of fields");
        }
    }

    private Optional<Reference> reference(Relation holder, RelatedConfig one) {
        return catalogue.find(one.node().table()).flatMap(referenced -> {
            Optional<List<String>> by = joins.columns(holder, referenced, one);
            Optional<DocumentNode> node = resolve(referenced, one.node());
            return by.flatMap(
                    columns -> node.map(resolved -> new Reference(one.name().text(), columns, resolved)));
        });
    }

    private Optional<Children> children(Relation holder, RelatedConfig many) {
        return catalogue.find(many.node().table()).flatMap(child -> {
            Optional<List<String>> by = joins.columns(child, holder, many);
            Optional<DocumentNode> node = resolve(child, many.node());
            List<String> orderBy = new ArrayList<>();
            many.orderBy()
                    .forEach(column ->
                            catalogue.comparableColumn(child, column).ifPresent(known -> orderBy.add(known.name())));
            return by.flatMap(
                    columns -> node.map(resolved -> new Children(many.name().text(), columns, orderBy, resolved)));
        });
    }

    private boolean hasNameTwice(Relation relation, List<String> fields, NodeConfig node) {
        Map<String, String> taken = new HashMap<>();
        fields.forEach(field -> taken.put(field, "a field"));
        boolean twice = false;
        for (RelatedConfig related :
                Stream.concat(node.one().stream(), node.many().stream()).toList()) {
            String name = related.name().text();
            String earlier = taken.putIfAbsent(name, "another nested table");
            if (earlier != null) {
                problems.add(
                        related.name().place(),
                        "'" + name + "' is already " + earlier + " of " + relation.table()
                                + "; rename it, or list fields without it");
                twice = true;
            }
        }
        return twice;
    }
}
