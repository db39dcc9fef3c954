package io.tidemark.model.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Column;
import java.util.ArrayList;
import java.util.List;

/** The entries of a node's object as columns: what PostgreSQL would make of each. */
public final class EntryTypes {

    private EntryTypes() {}

    /**
     * Every entry under its name in the object, in the order of the object. Fields have the types of their columns, and
     * nested objects and lists are {@code jsonb}; lists that are not listed are left out.
     */
    public static List<Column> of(DocumentNode node) {
        List<Column> entries = new ArrayList<>();
        node.fields().forEach(field -> entries.add(named(field.name(), node, field.column())));
        node.constants().forEach(constant -> entries.add(column(constant.name(), typeOf(constant.value()))));
        for (Reference reference : node.references()) {
            entries.addAll(reference.lifted() ? of(reference.node()) : List.of(column(reference.name(), "jsonb")));
        }
        for (Children children : node.children()) {
            if (children.listed()) {
                entries.add(column(children.name(), "jsonb"));
            }
            children.aggregates().forEach(aggregate -> entries.add(of(children, aggregate)));
        }
        return entries;
    }

    /** An aggregate, with the type PostgreSQL's function of that name returns. */
    public static Column of(Children children, Aggregate aggregate) {
        String column = aggregate.column();
        if (column == null || aggregate.function() == Aggregate.Function.COUNT) {
            return column(aggregate.name(), "bigint");
        }
        Column values = named(aggregate.name(), children.node(), column);
        String type = values.baseType();
        boolean small = type.equals("smallint") || type.equals("integer");
        return switch (aggregate.function()) {
            case SUM -> column(aggregate.name(), small ? "bigint" : "numeric");
            case AVG -> column(aggregate.name(), "numeric");
            default -> values;
        };
    }

    private static Column named(String name, DocumentNode node, String column) {
        return node.relation()
                .column(column)
                .map(found -> new Column(name, found.type(), found.typeOid(), true, 0, found.detail()))
                .orElseGet(() -> column(name, "text"));
    }

    private static Column column(String name, String type) {
        return new Column(name, type, 0, true);
    }

    private static String typeOf(JsonNode constant) {
        if (constant.isNumber()) {
            return "numeric";
        }
        return constant.isBoolean() ? "boolean" : "text";
    }
}
