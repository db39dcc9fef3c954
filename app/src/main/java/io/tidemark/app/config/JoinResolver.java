package io.tidemark.app.config;

import io.tidemark.app.config.ReadModelConfig.RelatedConfig;
import io.tidemark.model.Column;
import io.tidemark.model.ForeignKey;
import io.tidemark.model.Relation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the columns by which rows of one table refer to the primary key of another. */
final class JoinResolver {

    /** Types whose equal values have equal canonical keys; any other type joins only with itself. */
    private static final List<Set<String>> SAME_KEYS =
            List.of(Set.of("smallint", "integer", "bigint", "numeric"), Set.of("text", "character varying"));

    private final Catalogue catalogue;
    private final Problems problems;

    JoinResolver(Catalogue catalogue, Problems problems) {
        this.catalogue = catalogue;
        this.problems = problems;
    }

    /**
     * The columns of {@code from}, pairwise with the primary key of {@code to}; empty after a problem.
     *
     * @param related says them, or leaves them to the only foreign key between the two tables
     */
    Optional<List<String>> columns(Relation from, Relation to, RelatedConfig related) {
        return related.by().isEmpty() ? byForeignKey(from, to, related) : byMention(from, to, related);
    }

    private Optional<List<String>> byMention(Relation from, Relation to, RelatedConfig related) {
        List<Mention> by = related.by();
        if (by.size() != to.primaryKey().size()) {
            problems.add(
                    by.get(0).place(),
                    "'by' has " + count(by.size()) + ", the primary key of " + to.table() + " has "
                            + count(to.primaryKey().size()) + " (" + String.join(", ", to.primaryKey()) + ")");
            return Optional.empty();
        }
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < by.size(); i++) {
            String key = to.primaryKey().get(i);
            Mention mention = by.get(i);
            catalogue
                    .comparableColumn(from, mention)
                    .filter(column -> sameType(from, column, to, key, mention.place()))
                    .ifPresent(column -> columns.add(column.name()));
        }
        return columns.size() == by.size() ? Optional.of(columns) : Optional.empty();
    }

    private Optional<List<String>> byForeignKey(Relation from, Relation to, RelatedConfig related) {
        Place place = related.name().place();
        List<List<String>> candidates = candidates(from, to);
        if (candidates.size() != 1) {
            problems.add(place, "'" + related.name().text() + "' needs 'by': " + why(from, to, candidates));
            return Optional.empty();
        }
        List<String> columns = candidates.get(0);
        boolean fits = true;
        for (int i = 0; i < columns.size(); i++) {
            Optional<Column> column = from.column(columns.get(i));
            String key = to.primaryKey().get(i);
            fits &= column.isPresent() && sameType(from, column.get(), to, key, place);
        }
        return fits ? Optional.of(columns) : Optional.empty();
    }

    private static String why(Relation from, Relation to, List<List<String>> candidates) {
        String between = " from " + from.table() + " to the primary key of " + to.table();
        if (candidates.isEmpty()) {
            return "there is no foreign key" + between;
        }
        String listed = candidates.stream().map(JoinResolver::list).collect(Collectors.joining(" or "));
        return "there are several foreign keys" + between + "; say by: " + listed;
    }

    /** Foreign keys to the primary key, each as the referring columns in the order of that key, without repeats. */
    private static List<List<String>> candidates(Relation from, Relation to) {
        Set<String> key = new HashSet<>(to.primaryKey());
        return from.foreignKeys().stream()
                .filter(foreignKey -> foreignKey.referenced().equals(to.table()))
                .filter(foreignKey -> new HashSet<>(foreignKey.referencedColumns()).equals(key))
                .map(foreignKey -> inKeyOrder(foreignKey, to.primaryKey()))
                .distinct()
                .toList();
    }

    private static List<String> inKeyOrder(ForeignKey foreignKey, List<String> key) {
        return key.stream()
                .map(column ->
                        foreignKey.columns().get(foreignKey.referencedColumns().indexOf(column)))
                .toList();
    }

    private boolean sameType(Relation from, Column column, Relation to, String keyColumn, Place place) {
        String type = column.baseType();
        String keyType = to.column(keyColumn).map(Column::baseType).orElse("");
        boolean same = type.equals(keyType)
                || SAME_KEYS.stream().anyMatch(types -> types.contains(type) && types.contains(keyType));
        if (!same) {
            problems.add(
                    place,
                    "column '" + column.name() + "' of " + from.table() + " is " + column.type()
                            + ", which cannot be joined with '" + keyColumn + "' of " + to.table() + ", " + keyType);
        }
        return same;
    }

    private static String list(List<String> columns) {
        return columns.size() == 1 ? columns.get(0) : "[" + String.join(", ", columns) + "]";
    }

    private static String count(int columns) {
        return columns == 1 ? "1 column" : columns + " columns";
    }
}
