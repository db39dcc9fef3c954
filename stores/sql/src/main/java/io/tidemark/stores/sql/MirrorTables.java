package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Document;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The tables of a mirror by collection, {@code schema.table} of the source. */
final class MirrorTables implements RowTables {

    private static final int MAX_IDENTIFIER_BYTES = 63;

    private final String schema;
    private final Map<String, GuardedTable> byCollection = new TreeMap<>();
    private final Map<String, HistoryTable> histories = new TreeMap<>();

    MirrorTables(SqlMirror mirror) {
        this(mirror.schema(), mirror.relations());
        if (mirror.history()) {
            mirror.relations().forEach(relation -> addHistory(mirror.schema(), relation));
        }
    }

    MirrorTables(String schema, List<Relation> relations) {
        this.schema = schema;
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

    private MirrorTables(MirrorTables other, String schema) {
        this.schema = schema;
        other.byCollection.forEach(
                (collection, table) -> byCollection.put(collection, new GuardedTable(schema, table.relation())));
        other.histories.forEach(
                (collection, table) -> histories.put(collection, new HistoryTable(schema, table.relation())));
    }

    /** These, in another schema. */
    MirrorTables in(String other) {
        return other.equals(schema) ? this : new MirrorTables(this, other);
    }

    private MirrorTables(MirrorTables other) {
        this.schema = other.schema;
        byCollection.putAll(other.byCollection);
        histories.putAll(other.histories);
    }

    /** These, with the rows of one table as it is described now. */
    MirrorTables withRows(Relation relation) {
        refuseOurColumns(relation);
        MirrorTables changed = new MirrorTables(this);
        changed.byCollection.put(relation.table().toString(), new GuardedTable(schema, relation));
        return changed;
    }

    /** These, with the history of one table as it is described now. */
    MirrorTables withHistory(Relation relation) {
        MirrorTables changed = new MirrorTables(this);
        changed.histories.put(relation.table().toString(), new HistoryTable(schema, relation));
        return changed;
    }

    Collection<GuardedTable> all() {
        return byCollection.values();
    }

    /** The tables with every version; none for a mirror without history. */
    Collection<HistoryTable> histories() {
        return histories.values();
    }

    /** The table with every version of a collection's rows. */
    HistoryTable historyOf(String collection) {
        HistoryTable table = histories.get(collection);
        if (table == null) {
            throw new IllegalArgumentException("No history of " + collection + " is kept");
        }
        return table;
    }

    private void addHistory(String schema, Relation relation) {
        HistoryTable history = new HistoryTable(schema, relation);
        String name = history.name();
        boolean taken = byCollection.values().stream()
                .anyMatch(table -> table.relation().table().name().equals(name));
        if (taken || name.getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The history of " + relation.table() + " would be in table '" + name + "' of schema '" + schema
                            + "', "
                            + (taken ? "which is another table of the mirror" : "a name too long for PostgreSQL")
                            + ": leave one of the tables out of this mirror and mirror it into another schema");
        }
        histories.put(relation.table().toString(), history);
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
    public String row(Document document) {
        return String.valueOf(document.content());
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
