package io.tidemark.app.config;

import io.tidemark.model.TableId;
import java.util.List;
import java.util.Optional;

/** Asks the source what the relations do not say of columns: whether they tell the rows of a table apart. */
public interface KeyTrial {

    /** Objects to nothing. */
    KeyTrial NONE = (table, columns) -> Optional.empty();

    /** Why two rows of a table might have the same values in the columns, or one might have none; empty when none might. */
    Optional<String> objection(TableId table, List<String> columns);
}
