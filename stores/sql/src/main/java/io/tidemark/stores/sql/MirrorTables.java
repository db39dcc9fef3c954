package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The tables of a mirror by collection, {@code schema.table} of the source. */
final class MirrorTables implements RowTables {

    private final Map<String, GuardedTable> byCollection = new TreeMap<>();

    MirrorTables(String schema, List<Relation> relations) {
        Set<String> names = new HashSet<>();
        for (Relation relation : relations) {
            if (!names.add(relation.table().name())) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "Two tables of the mirror are called '"
                                + relation.table().name() + "' and would share schema '" + schema
                                + "': mirror one of them into another schema");
            }
            refuseOurColumns(relation);
            byCollection.put(relation.table().toString(), new GuardedTable(schema, relation));
        }
    }

    Collection<GuardedTable> all() {
        return byCollection.values();
    }

    @Override
    public GuardedTable of(String collection) {
        GuardedTable table = byCollection.get(collection);
        if (table == null) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + collection + " is not part of the mirror, which has " + byCollection.keySet()
                            + ": add it to the definition, which is a new generation");
        }
        return table;
    }

    /** A row is its document. */
    @Override
    public ObjectNode columns(Document document, ObjectNode body) {
        return body;
    }

    private static void refuseOurColumns(Relation relation) {
        relation.columns().stream()
                .filter(column -> column.name().startsWith(Document.POSITION_FIELD))
                .findFirst()
                .ifPresent(column -> {
                    throw new TidemarkException(
                            ErrorCode.CONFIGURATION,
                            "Column '" + column.name() + "' of " + relation.table() + " has a name that is kept for"
                                    + " Tidemark's own: leave it out of the capture or rename it");
                });
    }
}
