package io.tidemark.app.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.model.RandomSchema.Column;
import io.tidemark.app.model.RandomSchema.Incoming;
import io.tidemark.app.model.RandomSchema.Link;
import io.tidemark.app.model.RandomSchema.Table;
import io.tidemark.model.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A read model as the configuration has it, in JSON, of everything the language of documents knows. Names other than
 * those of columns are given once in a definition, so that a name tells its place.
 */
final class RandomDefinition {

    private final RandomSchema schema;
    private final Chance chance;
    private int nodesLeft;
    private int names;

    private RandomDefinition(RandomSchema schema, int nodes, Chance chance) {
        this.schema = schema;
        this.nodesLeft = nodes;
        this.chance = chance;
    }

    /**
     * Makes one.
     *
     * @param model its name, which its target has too
     * @param nodes how many tables it nests at most
     */
    static ObjectNode of(RandomSchema schema, String model, int nodes, Chance chance) {
        return new RandomDefinition(schema, nodes, chance).document(model);
    }

    private ObjectNode document(String model) {
        Table root = chance.pick(schema.roots(chance.oneIn(2)));
        ObjectNode document = Json.object().put("document", "public." + root.name());
        describe(document, root, false);
        if (chance.oneIn(3)) {
            document.put("where", predicate(root) + " OR " + predicate(root)); // or there would often be none
        }
        List<Column> key = key(document, root);
        String template = key.stream().map(column -> ":{" + column.name() + "}").collect(Collectors.joining());
        document.putObject("to").put("cache", model + template);
        return document;
    }

    /** What tells the documents apart. */
    private List<Column> key(ObjectNode document, Table root) {
        if (root.unique().isEmpty() || chance.oneIn(5)) {
            return root.key();
        }
        ArrayNode key = document.putArray("key");
        root.unique().forEach(column -> key.add(column.name()));
        return root.unique();
    }

    private void describe(ObjectNode node, Table table, boolean renamed) {
        fields(node, table, renamed);
        if (chance.oneIn(3)) {
            ObjectNode constants = node.putObject("constants");
            constants.put(name("k"), new BigDecimal("1.50"));
            constants.put(name("k"), chance.pick(List.of("text", "2", "true")));
        }
        nest(node, table);
    }

    /** Chooses all that are nested in one place before any of them is described, or the first would take most of it. */
    private void nest(ObjectNode node, Table table) {
        List<Incoming> children = chance.shuffled(schema.linksTo(table));
        children.removeIf(incoming -> !wanted());
        List<Link> references = chance.shuffled(table.links());
        references.removeIf(link -> !wanted());
        ObjectNode many = Json.object();
        children.forEach(incoming -> many.set(name("many"), many(incoming)));
        ObjectNode one = node.has("one") ? (ObjectNode) node.get("one") : Json.object();
        references.forEach(link -> one.set(name("one"), one(link)));
        setUnlessEmpty(node, "one", one);
        setUnlessEmpty(node, "many", many);
    }

    private static void setUnlessEmpty(ObjectNode node, String key, ObjectNode entries) {
        if (!entries.isEmpty()) {
            node.set(key, entries);
        }
    }

    /** Every column when there is nothing said. */
    private void fields(ObjectNode node, Table table, boolean renamed) {
        if (chance.oneIn(4)) {
            return;
        }
        ArrayNode fields = node.putArray("fields");
        for (Column column : chance.some(table.columns())) {
            if (renamed || chance.oneIn(4)) {
                fields.addObject().put(name("f"), column.name());
            } else {
                fields.add(column.name());
            }
        }
    }

    private void where(ObjectNode node, Table table) {
        if (chance.oneIn(3)) {
            String first = predicate(table);
            node.put(
                    "where",
                    switch (chance.between(0, 3)) {
                        case 0 -> "NOT (" + first + ")";
                        case 1 -> first + " AND " + predicate(table);
                        case 2 -> first + " OR " + predicate(table);
                        default -> first;
                    });
        }
    }

    private String predicate(Table table) {
        Column column = chance.pick(table.columns());
        return column.kind().predicate(column.name(), chance);
    }

    /** Whether there is to be one table more. */
    private boolean wanted() {
        boolean wanted = nodesLeft > 0 && chance.oneIn(2);
        nodesLeft -= wanted ? 1 : 0;
        return wanted;
    }

    private ObjectNode one(Link link) {
        Table table = schema.table(link.target());
        ObjectNode one = joined(table, link);
        describe(one, table, false);
        where(one, table);
        return one;
    }

    private static ObjectNode joined(Table table, Link link) {
        ObjectNode node = Json.object().put("table", "public." + table.name());
        ArrayNode by = node.putArray("by");
        link.columns().forEach(column -> by.add(column.name()));
        return node;
    }

    private ObjectNode many(Incoming incoming) {
        Table table = incoming.from();
        ObjectNode many = joined(table, incoming.link());
        if (chance.oneIn(6)) {
            many.put("list", false);
            aggregates(many, table);
            where(many, table);
            return many;
        }
        order(many, table);
        if (chance.oneIn(3)) {
            many.put("limit", chance.between(1, 4));
        }
        if (chance.oneIn(2)) {
            aggregates(many, table);
        }
        boolean flattened = flatten(many, incoming);
        describe(many, table, flattened);
        where(many, table);
        return many;
    }

    /** Has the rows at the other end of a link stand in the list. */
    private boolean flatten(ObjectNode many, Incoming incoming) {
        List<Link> others = new ArrayList<>(incoming.from().links());
        others.remove(incoming.link());
        if (others.isEmpty() || !wanted()) {
            return false;
        }
        String name = name("flat");
        many.putObject("one").set(name, one(chance.pick(others)));
        many.put("flatten", name);
        return true;
    }

    private void order(ObjectNode many, Table table) {
        if (chance.oneIn(3)) {
            return;
        }
        ArrayNode order = many.putArray("order-by");
        for (Column column : chance.some(table.columns())) {
            String direction = chance.pick(List.of("", "asc", "desc", "desc nulls last", "nulls first"));
            if (direction.isEmpty()) {
                order.add(column.name());
            } else {
                order.addObject().put(column.name(), direction);
            }
        }
    }

    private void aggregates(ObjectNode many, Table table) {
        ObjectNode aggregates = many.putObject("aggregates");
        aggregates.put(name("count"), "count");
        for (Column column : chance.some(table.columns())) {
            List<String> functions = new ArrayList<>(List.of("count"));
            if (column.kind() != Kind.BOOLEAN) {
                functions.addAll(List.of("min", "max"));
            }
            if (column.kind().isNumber()) {
                functions.addAll(List.of("sum", "avg"));
            }
            aggregates.putObject(name("value")).put(chance.pick(functions), column.name());
        }
    }

    private String name(String what) {
        return what + "_" + ++names;
    }
}
