package io.tidemark.model.definition;

import io.tidemark.model.TableId;
import java.util.List;

/** Tables kept row for row in a SQL store. */
public record MirrorModel(String name, List<TableId> tables) implements ReadModel {

    public MirrorModel {
        tables = List.copyOf(tables);
    }
}
