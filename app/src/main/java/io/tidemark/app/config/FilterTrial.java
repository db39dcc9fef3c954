package io.tidemark.app.config;

import io.tidemark.model.TableId;
import io.tidemark.model.filter.RowFilter;
import java.util.Optional;

/** Asks the source about a filter: what the relations do not say, such as collations, and whether it takes the SQL. */
public interface FilterTrial {

    /** Objects to nothing. */
    FilterTrial NONE = (table, filter) -> Optional.empty();

    /** Why the source would not take the filter, or would answer it otherwise than Tidemark; empty when it would not. */
    Optional<String> objection(TableId table, RowFilter filter);
}
