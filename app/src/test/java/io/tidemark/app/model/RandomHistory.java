package io.tidemark.app.model;

import io.tidemark.app.model.RandomSchema.Column;
import io.tidemark.app.model.RandomSchema.Link;
import io.tidemark.app.model.RandomSchema.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is done to the tables: rows come, change, move to other parents, get other keys and go, one by one and all at once. */
final class RandomHistory {

    private static final int CROWD = 60;

    private final RandomSchema schema;
    private final Chance chance;

    RandomHistory(RandomSchema schema, Chance chance) {
        this.schema = schema;
        this.chance = chance;
    }

    /** The statements of one transaction; of some, none. */
    List<String> transaction() {
        int changes = chance.oneIn(12) ? 0 : chance.oneIn(6) ? chance.between(5, 12) : chance.between(1, 4);
        List<String> statements = new ArrayList<>();
        while (statements.size() < changes) {
            statements.addAll(change(chance.pick(schema.tables())));
        }
        return statements;
    }

    private List<String> change(Table table) {
        return switch (chance.between(1, 49)) {
            case 1 -> List.of(truncate(table));
            case 2 -> List.of("DELETE FROM " + table.name());
            case 3 -> undone(change(table));
            case 4 -> crowd(table);
            case 5, 6 -> swapped(table);
            case 7 -> List.of(rescaled(table));
            case 8, 9, 10 -> List.of("DELETE FROM " + table.name() + where(table.key()));
            case 11 ->
                List.of("DELETE FROM " + table.name()
                        + where(chance.pick(table.links()).columns()));
            case 12 -> List.of(upsert(table), "DELETE FROM " + table.name() + where(table.key()));
            case 13, 14, 15 -> List.of(anotherKey(table));
            case 16, 17, 18, 19, 20 -> move(table, where(table.key()));
            case 21 -> move(table, where(chance.pick(table.links()).columns()));
            case 22, 23, 24, 25 -> List.of(update(table, where(table.key())));
            case 26 -> List.of(update(table, ""));
            case 27 -> List.of("UPDATE " + table.name() + " SET " + same(table.columns()) + where(table.key()));
            case 28, 29, 30, 31 -> table.unique().isEmpty() ? List.of(upsert(table)) : handedOver(table);
            default -> List.of(upsert(table));
        };
    }

    /** One table or several. */
    private String truncate(Table table) {
        return "TRUNCATE "
                + (chance.oneIn(2)
                        ? table.name()
                        : chance.some(schema.tables()).stream().map(Table::name).collect(Collectors.joining(", ")));
    }

    private static List<String> undone(List<String> change) {
        List<String> statements = new ArrayList<>(List.of("SAVEPOINT undone"));
        statements.addAll(change);
        statements.add("ROLLBACK TO SAVEPOINT undone");
        return statements;
    }

    /** Some row, whichever has it now, leaves its unique values to another one. */
    private List<String> handedOver(Table table) {
        Map<Column, String> values = new LinkedHashMap<>();
        table.unique().forEach(column -> values.put(column, column.kind().value(chance)));
        String gone = values.entrySet().stream()
                .map(entry -> entry.getKey().name() + " = " + entry.getValue())
                .collect(Collectors.joining(" AND "));
        return List.of("DELETE FROM " + table.name() + " WHERE " + gone, upsert(table, values));
    }

    private String upsert(Table table) {
        return upsert(table, Map.of());
    }

    private String upsert(Table table, Map<Column, String> given) {
        String update = table.besideKey().stream()
                .map(column -> column.name() + " = excluded." + column.name())
                .collect(Collectors.joining(", "));
        return "INSERT INTO " + table.name() + " (" + RandomSchema.names(table.columns()) + ") VALUES ("
                + values(table, given) + ") ON CONFLICT (" + RandomSchema.names(table.key())
                + ") DO UPDATE SET " + update;
    }

    /** Many rows that have all but their keys in common, or the end of them. */
    private List<String> crowd(Table table) {
        for (Column counted : table.key()) {
            if (counted.kind().isNumber()) {
                String values = table.columns().stream()
                        .map(column -> isCounted(table, column, counted) ? "1000 + i" : value(table, column))
                        .collect(Collectors.joining(", "));
                String gone = "DELETE FROM " + table.name() + " WHERE " + counted.name() + " >= 1000";
                return chance.oneIn(3)
                        ? List.of(gone)
                        : List.of(
                                gone,
                                "INSERT INTO " + table.name() + " (" + RandomSchema.names(table.columns()) + ") SELECT "
                                        + values + " FROM generate_series(1, " + CROWD + ") AS i");
            }
        }
        return List.of(upsert(table));
    }

    /** What is unique has to be counted, too, or the crowd is refused. */
    private static boolean isCounted(Table table, Column column, Column counted) {
        return column.equals(counted)
                || (table.unique().contains(column) && column.kind().isNumber());
    }

    /** Two values of a key's column, or of what is unique, change places, over a third. */
    private List<String> swapped(Table table) {
        List<Column> unique = table.unique();
        Column column = chance.pick(unique.isEmpty() || chance.oneIn(3) ? table.key() : unique);
        String left = column.kind().value(chance);
        String right = column.kind().value(chance);
        String spare = column.kind().spare();
        return left.equals(right)
                ? List.of()
                : List.of(
                        renamed(table, column, left, spare),
                        renamed(table, column, right, left),
                        renamed(table, column, spare, right));
    }

    private static String renamed(Table table, Column column, String from, String to) {
        return "UPDATE " + table.name() + " SET " + column.name() + " = " + to + " WHERE " + column.name() + " = "
                + from;
    }

    /** Numeric keys that stay equal and are written otherwise; of other tables an update of nothing. */
    private String rescaled(Table table) {
        String set = table.columns().stream()
                .filter(column -> column.kind() == Kind.NUMERIC)
                .map(column -> column.name() + " = trim_scale(" + column.name() + ") + 0.000")
                .collect(Collectors.joining(", "));
        return "UPDATE " + table.name() + " SET " + (set.isEmpty() ? same(table.columns()) : set);
    }

    private static String same(List<Column> columns) {
        return columns.stream()
                .map(column -> column.name() + " = " + column.name())
                .collect(Collectors.joining(", "));
    }

    private String anotherKey(Table table) {
        List<String> key = table.key().stream()
                .map(column -> column.name() + " = " + column.kind().value(chance))
                .toList();
        String free = key.stream().map(equal -> "o." + equal).collect(Collectors.joining(" AND "));
        return "UPDATE " + table.name() + " SET " + String.join(", ", key) + where(table.key())
                + " AND NOT EXISTS (SELECT FROM " + table.name() + " AS o WHERE " + free + ")";
    }

    /** Another parent or none, or another row that is referred to; a link that is all of the key stays. */
    private List<String> move(Table table, String where) {
        Link link = chance.pick(table.links());
        String set = link.columns().stream()
                .filter(column -> !table.key().contains(column))
                .map(column -> column.name() + " = " + value(table, column))
                .collect(Collectors.joining(", "));
        return List.of(set.isEmpty() ? upsert(table) : "UPDATE " + table.name() + " SET " + set + where);
    }

    private String update(Table table, String where) {
        String set = chance.some(table.besideKey()).stream()
                .map(column -> column.name() + " = " + value(table, column))
                .collect(Collectors.joining(", "));
        return "UPDATE " + table.name() + " SET " + set + where;
    }

    private String where(List<Column> columns) {
        return columns.stream()
                .map(column -> column.name() + " = " + column.kind().value(chance))
                .collect(Collectors.joining(" AND ", " WHERE ", ""));
    }

    private String values(Table table, Map<Column, String> given) {
        return table.columns().stream()
                .map(column -> given.containsKey(column) ? given.get(column) : value(table, column))
                .collect(Collectors.joining(", "));
    }

    private String value(Table table, Column column) {
        boolean required = table.key().contains(column) || table.unique().contains(column);
        boolean none = !required && chance.oneIn(5);
        return none ? "NULL" : column.kind().value(chance);
    }
}
