package io.tidemark.model.definition;

import io.tidemark.model.TableId;
import java.util.List;

/**
 * Tables kept row for row in a SQL store.
 *
 * @param history whether every version of each row is kept, too
 */
public record MirrorModel(String name, List<TableId> tables, boolean history) implements ReadModel {

    public MirrorModel {
        tables = List.copyOf(tables);
    }

    /** The same under another name. */
    public MirrorModel named(String other) {
        return new MirrorModel(other, tables, history);
    }

    /** One without history. */
    public MirrorModel(String name, List<TableId> tables) {
        this(name, tables, false);
    }
}
