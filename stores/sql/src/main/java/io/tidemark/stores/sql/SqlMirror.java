package io.tidemark.stores.sql;

import io.tidemark.model.Relation;
import java.util.List;

/**
 * A mirror in a warehouse.
 *
 * @param schema of the warehouse; holds one generation of a read model
 * @param relations the tables of the mirror, no two of one name; made so where they are not there, and altered as
 *     {@link SqlMirrorWriter#describe} says
 * @param history whether every version of each row is kept, too, in a table {@code <table>_history} beside each table
 */
public record SqlMirror(String schema, List<Relation> relations, boolean history) {

    public SqlMirror {
        relations = List.copyOf(relations);
    }
}
