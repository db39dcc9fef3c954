package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.AggregateConfig;
import io.tidemark.app.config.ReadModelConfig.ConstantConfig;
import io.tidemark.app.config.ReadModelConfig.FieldConfig;
import io.tidemark.app.config.ReadModelConfig.ListConfig;
import io.tidemark.app.config.ReadModelConfig.NodeConfig;
import io.tidemark.app.config.ReadModelConfig.RelatedConfig;
import io.tidemark.model.Relation;
import io.tidemark.model.definition.Aggregate;
import io.tidemark.model.definition.Children;
import io.tidemark.model.definition.Constant;
import io.tidemark.model.definition.DocumentNode;
import io.tidemark.model.definition.Field;
import io.tidemark.model.definition.Reference;
import io.tidemark.model.definition.SortColumn;
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
    private final ListResolver lists;

    NodeResolver(Catalogue catalogue, Problems problems, FilterTrial trial) {
        this.catalogue = catalogue;
        this.problems = problems;
        this.joins = new JoinResolver(catalogue, problems);
        this.filters = new FilterResolver(catalogue, problems, trial);
        this.lists = new ListResolver(catalogue, problems);
    }

    Optional<DocumentNode> resolve(Relation relation, NodeConfig node) {
        List<Field> fields = fields(relation, node);
        RowFilter where = filters.resolve(relation, node.where());
        List<Constant> constants =
                node.constants().stream().map(ConstantConfig::constant).toList();
        node.constants().forEach(constant -> refuseReserved(constant.name()));
        List<Reference> references = node.one().stream()
                .flatMap(one -> reference(relation, one).stream())
                .toList();
        List<Children> children = node.many().stream()
                .flatMap(many -> children(relation, many).stream())
                .toList();
        if (hasNameTwice(relation, fields, references, node)) {
            return Optional.empty();
        }
        return Optional.of(new DocumentNode(relation, fields, constants, references, children, where));
    }

    private List<Field> fields(Relation relation, NodeConfig node) {
        if (node.fields().isEmpty() && !node.allFields()) {
            return List.of();
        }
        if (node.fields().isEmpty()) {
            relation.columns().forEach(column -> refuseReserved(column.name(), node.table()));
            return relation.columns().stream()
                    .map(column -> new Field(column.name(), column.name()))
                    .toList();
        }
        List<Field> fields = new ArrayList<>();
        for (FieldConfig field : node.fields()) {
            refuseReserved(field.column().text(), field.column());
            refuseReserved(field.name());
            catalogue
                    .column(relation, field.column())
                    .ifPresent(column -> fields.add(new Field(field.name().text(), column.name())));
        }
        return fields;
    }

    private void refuseReserved(String column, Mention mention) {
        if (Names.isReserved(column)) {
            problems.add(
                    mention.place(),
                    "column '" + column + "' begins with _tidemark, which is Tidemark's own; leave it out of fields");
        }
    }

    private void refuseReserved(Mention name) {
        if (Names.isReserved(name.text()) && !problems.has(name.place())) {
            problems.add(name.place(), "names that begin with _tidemark are Tidemark's own");
        }
    }

    private Optional<Reference> reference(Relation holder, RelatedConfig one) {
        return catalogue.find(one.node().table()).flatMap(referenced -> {
            Optional<List<String>> by = joins.columns(holder, referenced, one);
            Optional<DocumentNode> node = resolve(referenced, one.node());
            return by.flatMap(
                    columns -> node.map(resolved -> new Reference(one.name().text(), columns, one.lifted(), resolved)));
        });
    }

    private Optional<Children> children(Relation holder, RelatedConfig many) {
        return catalogue.find(many.node().table()).flatMap(child -> {
            Optional<List<String>> by = joins.columns(child, holder, many);
            Optional<DocumentNode> node = resolve(child, many.node());
            ListConfig list = many.list();
            List<SortColumn> orderBy = lists.orderBy(child, list);
            List<Aggregate> aggregates = lists.aggregates(child, list);
            return by.flatMap(columns -> node.map(resolved -> new Children(
                    many.name().text(), columns, orderBy, list.limit(), list.listed(), aggregates, resolved)));
        });
    }

    private boolean hasNameTwice(Relation relation, List<Field> fields, List<Reference> references, NodeConfig node) {
        Map<String, String> taken = new HashMap<>();
        fields.forEach(field -> taken.put(field.name(), "a field"));
        boolean twice = false;
        for (ConstantConfig constant : node.constants()) {
            twice |= isTaken(relation, constant.name(), "a constant", taken);
        }
        for (RelatedConfig related :
                Stream.concat(node.one().stream(), node.many().stream()).toList()) {
            for (String name : names(related, references)) {
                twice |= isTaken(relation, new Mention(name, related.name().place()), "another nested table", taken);
            }
            for (AggregateConfig aggregate : related.list().aggregates()) {
                refuseReserved(aggregate.name());
                twice |= isTaken(relation, aggregate.name(), "an aggregate", taken);
            }
        }
        return twice;
    }

    /** The names it takes: of one that is lifted, those of its own object. */
    private static List<String> names(RelatedConfig related, List<Reference> references) {
        String name = related.name().text();
        return references.stream()
                .filter(reference -> reference.lifted() && reference.name().equals(name) && related.lifted())
                .findFirst()
                .map(reference -> reference.node().names())
                .orElse(List.of(name));
    }

    private boolean isTaken(Relation relation, Mention name, String what, Map<String, String> taken) {
        String earlier = taken.putIfAbsent(name.text(), what);
        if (earlier != null) {
            problems.add(
                    name.place(),
                    "'" + name.text() + "' is already " + earlier + " of " + relation.table()
                            + "; rename it, or list fields without it");
        }
        return earlier != null;
    }
}
