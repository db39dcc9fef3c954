package io.tidemark.app.config;

import io.tidemark.model.Column;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
            problems.add(
                    mention.place(),
                    "table " + relation.table() + " has no column '" + mention.text() + "'"
                            + Suggestion.of(mention.text(), columnNames(relation)));
        }
        return column;
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
