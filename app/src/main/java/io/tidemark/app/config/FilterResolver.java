package io.tidemark.app.config;

import io.tidemark.model.Relation;
import io.tidemark.model.filter.RowFilter;
import org.jspecify.annotations.Nullable;

/** Turns the text of a {@code where} into a filter over one table's rows. */
final class FilterResolver {

    private final Catalogue catalogue;
    private final Problems problems;
    private final FilterTrial trial;

    FilterResolver(Catalogue catalogue, Problems problems, FilterTrial trial) {
        this.catalogue = catalogue;
        this.problems = problems;
        this.trial = trial;
    }

    /** The filter; of every row when there is no text, and after a problem. */
    RowFilter resolve(Relation relation, @Nullable Mention where) {
        if (where == null) {
            return RowFilter.everyRow();
        }
        try {
            FilterOperands operands = new FilterOperands(
                    relation, column -> catalogue.unfilterable(relation, new Mention(column, where.place())));
            RowFilter filter = new FilterParser(operands).parse(where.text());
            trial.objection(relation.table(), filter)
                    .ifPresent(objection -> problems.add(where.place(), "where: " + objection));
            return filter;
        } catch (FilterRefusedException e) {
            problems.add(where.place(), "where: " + e.getMessage());
            return RowFilter.everyRow();
        }
    }
}
