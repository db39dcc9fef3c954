package io.tidemark.app.config;

import io.tidemark.model.Column;
import io.tidemark.model.ColumnRule;
import io.tidemark.model.ColumnRules;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The source's tables, looked up by what the file mentions; what is not there is reported. */
final class Catalogue {

    private final SourceConfig source;
    private final Map<TableId, Relation> relations = new TreeMap<>();
    private final Problems problems;

    Catalogue(SourceConfig source, List<Relation> relations, Problems problems) {
        this.source = source;
        this.problems = problems;
        relations.forEach(relation -> this.relations.put(relation.table(), relation));
    }

    /** The captured table of this name. */
    Optional<Relation> find(Mention mention) {
        Relation relation = relations.get(TableId.parse(mention.text()));
        if (relation == null) {
            problems.add(
                    mention.place(),
                    "the source has no table '" + mention.text() + "' with a primary key"
                            + Suggestion.of(mention.text(), tableNames()));
        } else if (!source.captures(relation.table())) {
            problems.add(mention.place(), "table '" + mention.text() + "' is not captured; add it to source.tables");
            return Optional.empty();
        }
        return Optional.ofNullable(relation);
    }

    /** The column, if the table has it. */
    Optional<Column> column(Relation relation, Mention mention) {
        Optional<Column> column = relation.column(mention.text());
        if (column.isEmpty()) {
            problems.add(mention.place(), missing(relation, mention));
        }
        return column;
    }

    private String missing(Relation relation, Mention mention) {
        return ruleOf(relation, mention) instanceof ColumnRule.Drop
                ? "column '" + mention.text() + "' of " + relation.table() + " is dropped by source.columns"
                : noSuchColumn(relation, mention.text());
    }

    /** What is wrong with a column that rows are to be filtered by; empty when nothing is. */
    Optional<String> unfilterable(Relation relation, Mention mention) {
        if (relation.column(mention.text()).isEmpty()) {
            return Optional.of(missing(relation, mention));
        }
        return ruleOf(relation, mention) == null
                ? Optional.empty()
                : Optional.of("column '" + mention.text() + "' of " + relation.table()
                        + " is hashed or masked by source.columns, so rows cannot be filtered by it");
    }

    private static String noSuchColumn(Relation relation, String column) {
        return "table " + relation.table() + " has no column '" + column + "'"
                + Suggestion.of(column, columnNames(relation));
    }

    /**
     * The same of a column that rows are joined or ordered by: hashes and masks compare otherwise than the values do in
     * the source.
     */
    Optional<Column> comparableColumn(Relation relation, Mention mention) {
        return plainColumn(relation, mention, "rows can be neither joined nor ordered by it");
    }

    /**
     * The column, if the table has it and its values are those of the source.
     *
     * @param otherwise what follows when they are hashed or masked
     */
    Optional<Column> plainColumn(Relation relation, Mention mention, String otherwise) {
        Optional<Column> column = column(relation, mention);
        if (column.isPresent() && ruleOf(relation, mention) != null) {
            problems.add(
                    mention.place(),
                    "column '" + mention.text() + "' of " + relation.table()
                            + " is hashed or masked by source.columns, so " + otherwise);
            return Optional.empty();
        }
        return column;
    }

    private @Nullable ColumnRule ruleOf(Relation relation, Mention column) {
        return source.rules().of(relation.table()).get(column.text());
    }

    /** Reports a rule that its column cannot have. */
    void requireFit(ProtectedColumn entry) {
        Place place = entry.name().place();
        find(new Mention(entry.table().toString(), place))
                .flatMap(relation -> relation.column(entry.column()).isPresent()
                        ? ColumnRules.misfit(entry.rule(), relation, entry.column())
                        : Optional.of(noSuchColumn(relation, entry.column())))
                .ifPresent(misfit -> problems.add(place, misfit));
    }

    /** Reports a pattern of source.tables that captures nothing. */
    void requireMatch(TablePattern pattern) {
        if (relations.keySet().stream().noneMatch(pattern::matches)) {
            problems.add(
                    pattern.place(),
                    "'" + pattern + "' matches no table of the source" + Suggestion.of(pattern.text(), tableNames()));
        }
    }

    /** The captured tables a mirror's pattern names; none is a problem. */
    List<TableId> capturedMatches(TablePattern pattern) {
        List<TableId> matching =
                relations.keySet().stream().filter(pattern::matches).toList();
        List<TableId> captured = matching.stream().filter(source::captures).toList();
        if (matching.isEmpty()) {
            requireMatch(pattern);
        } else if (captured.isEmpty()) {
            problems.add(
                    pattern.place(),
                    "'" + pattern + "' matches no captured table; add " + matching.get(0) + " to source.tables");
        }
        return captured;
    }

    private List<String> tableNames() {
        return relations.keySet().stream().map(TableId::toString).toList();
    }

    private static List<String> columnNames(Relation relation) {
        return relation.columns().stream().map(Column::name).toList();
    }
}
