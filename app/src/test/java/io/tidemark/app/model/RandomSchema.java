package io.tidemark.app.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Two to five small tables that refer to each other and to themselves, by keys of one or more columns; of three or more,
 * the last is a link table. No constraint keeps references from leading nowhere. Columns of all tables have different names.
 */
record RandomSchema(List<Table> tables) {

    record Column(String name, Kind kind) {}

    /** Columns that refer, pairwise, to the key of a table; some may be of the referring row's own key. */
    record Link(String target, List<Column> columns) {}

    /**
     * A table.
     *
     * @param key in the order of the primary key, which need not be the columns'
     * @param unique columns that tell rows apart as the key does, none of them ever NULL; empty for none
     * @param whole whether the log has a whole row before it was changed, not only its key
     */
    record Table(
            String name, List<Column> columns, List<Column> key, List<Column> unique, List<Link> links, boolean whole) {

        List<Column> besideKey() {
            return columns.stream().filter(column -> !key.contains(column)).toList();
        }

        String ddl() {
            String all = columns.stream()
                    .map(column ->
                            column.name() + " " + column.kind().type() + (unique.contains(column) ? " NOT NULL" : ""))
                    .collect(Collectors.joining(", "));
            String another = unique.isEmpty() ? "" : ", UNIQUE (" + names(unique) + ")";
            return "CREATE TABLE " + name + " (" + all + ", PRIMARY KEY (" + names(key) + ")" + another + ");"
                    + (whole ? " ALTER TABLE " + name + " REPLICA IDENTITY FULL;" : "");
        }
    }

    /** A link, with the table that has it. */
    record Incoming(Table from, Link link) {}

    static RandomSchema of(Chance chance) {
        int count = chance.between(2, 5);
        int plain = count > 2 ? count - 1 : count;
        Map<String, List<Column>> keys = new LinkedHashMap<>();
        for (int number = 1; number <= plain; number++) {
            String name = "t" + number;
            keys.put(name, key(name, chance));
        }
        List<Table> tables = new ArrayList<>();
        keys.forEach((name, key) -> tables.add(table(name, key, keys, chance)));
        if (count > plain) {
            tables.add(linkTable("t" + count, keys, chance));
        }
        return new RandomSchema(tables);
    }

    private static List<Column> key(String table, Chance chance) {
        List<Column> key = new ArrayList<>();
        for (int number = 1; number <= (chance.oneIn(3) ? 2 : 1); number++) {
            key.add(new Column(table + "_k" + number, chance.pick(Kind.OF_KEYS)));
        }
        return key;
    }

    private static Table table(String name, List<Column> key, Map<String, List<Column>> keys, Chance chance) {
        List<Link> links = new ArrayList<>();
        for (int number = chance.between(1, 2); number > 0; number--) {
            links.add(link(name + "_f" + number, key, keys, chance));
        }
        return table(name, key, links, chance);
    }

    /** Its key are the links themselves. */
    private static Table linkTable(String name, Map<String, List<Column>> keys, Chance chance) {
        List<Link> links =
                List.of(link(name + "_f1", List.of(), keys, chance), link(name + "_f2", List.of(), keys, chance));
        List<Column> key = chance.shuffled(
                links.stream().flatMap(link -> link.columns().stream()).toList());
        return table(name, key, links, chance);
    }

    private static Link link(String prefix, List<Column> ownKey, Map<String, List<Column>> keys, Chance chance) {
        String target = chance.pick(List.copyOf(keys.keySet()));
        List<Column> columns = new ArrayList<>();
        for (Column referenced : keys.get(target)) {
            List<Column> own = ownKey.stream()
                    .filter(column -> column.kind().joins(referenced.kind()) && !columns.contains(column))
                    .toList();
            columns.add(
                    !own.isEmpty() && chance.oneIn(4)
                            ? chance.pick(own)
                            : new Column(prefix + "_" + columns.size(), joining(referenced.kind(), chance)));
        }
        return new Link(target, List.copyOf(columns));
    }

    private static Kind joining(Kind referenced, Chance chance) {
        return chance.pick(
                Kind.OF_KEYS.stream().filter(kind -> kind.joins(referenced)).toList());
    }

    private static Table table(String name, List<Column> key, List<Link> links, Chance chance) {
        Set<Column> columns = new LinkedHashSet<>(key);
        List<Column> unique = !chance.oneIn(3) ? unique(name, key, chance) : List.of();
        columns.addAll(unique);
        links.forEach(link -> columns.addAll(link.columns()));
        for (int number = chance.between(1, 3); number > 0; number--) {
            columns.add(new Column(name + "_v" + number, chance.pick(List.of(Kind.values()))));
        }
        return new Table(name, chance.shuffled(columns), List.copyOf(key), unique, List.copyOf(links), chance.oneIn(4));
    }

    /** One column or two; of two, one may be the key's. */
    private static List<Column> unique(String name, List<Column> key, Chance chance) {
        List<Column> unique = new ArrayList<>(List.of(new Column(name + "_u1", chance.pick(Kind.OF_KEYS))));
        if (chance.oneIn(3)) {
            unique.add(chance.oneIn(2) ? chance.pick(key) : new Column(name + "_u2", chance.pick(Kind.OF_KEYS)));
        }
        return chance.shuffled(unique);
    }

    /** The tables, or only those of which something else than the key is unique, if there are any. */
    List<Table> roots(boolean unique) {
        List<Table> some =
                tables.stream().filter(table -> !table.unique().isEmpty()).toList();
        return unique && !some.isEmpty() ? some : tables;
    }

    /** Whether a statement may be refused for a value that another row has. */
    boolean mayRefuse() {
        return tables.stream().anyMatch(table -> !table.unique().isEmpty());
    }

    Table table(String name) {
        return tables.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The links that lead to a table. */
    List<Incoming> linksTo(Table target) {
        return tables.stream()
                .flatMap(from -> from.links().stream()
                        .filter(link -> link.target().equals(target.name()))
                        .map(link -> new Incoming(from, link)))
                .distinct()
                .toList();
    }

    String ddl() {
        return tables.stream().map(Table::ddl).collect(Collectors.joining("\n"));
    }

    static String names(List<Column> columns) {
        return columns.stream().map(Column::name).collect(Collectors.joining(", "));
    }
}
