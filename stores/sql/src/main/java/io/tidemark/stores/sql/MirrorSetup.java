package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Creates the tables and columns a mirror needs, where they are missing. */
final class MirrorSetup {

    private final TableSetup setup;

    MirrorSetup(TableSetup setup) {
        this.setup = setup;
    }

    /** @param begun whether tidemarks were applied already, so that a table cannot be missing */
    void createTable(GuardedTable table, boolean begun) throws SQLException {
        Map<String, String> types = types(table.relation());
        if (!setup.exists(table.quoted())) {
            requireNew(table.quoted(), begun);
            setup.execute(table.create(column -> types.getOrDefault(column.name(), "text")));
            return;
        }
        Set<String> present = present(table.quoted(), GuardedTable.POSITION);
        for (Map.Entry<String, String> column : missing(types, present).entrySet()) {
            setup.execute(table.addColumn(column.getKey(), column.getValue()));
        }
    }

    /** As {@link #createTable}. What a filling wrote that never came to its end is taken out: it begins anew. */
    void createHistory(HistoryTable table, boolean begun) throws SQLException {
        Map<String, String> types = types(table.relation());
        if (!setup.exists(table.quoted())) {
            requireNew(table.quoted(), begun);
            for (String statement : table.create(column -> types.getOrDefault(column.name(), "text"))) {
                setup.execute(statement);
            }
            return;
        }
        Set<String> present = present(table.quoted(), HistoryTable.FROM);
        for (Map.Entry<String, String> column : missing(types, present).entrySet()) {
            setup.execute(table.addColumn(column.getKey(), column.getValue()));
        }
        if (!begun) {
            setup.execute("truncate " + table.quoted());
        }
    }

    private Map<String, String> types(Relation relation) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : relation.columns()) {
            types.put(column.name(), setup.type(column));
        }
        return types;
    }

    private static Map<String, String> missing(Map<String, String> types, Set<String> present) {
        Map<String, String> missing = new LinkedHashMap<>(types);
        missing.keySet().removeAll(present);
        return missing;
    }

    private void requireNew(String quotedTable, boolean begun) {
        if (begun) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "Table " + quotedTable + " is not in " + setup.store()
                            + " although tidemarks were applied to its mirror"
                            + " already: what it should hold will not be sent again; start a new generation");
        }
    }

    private Set<String> present(String quotedTable, String ours) throws SQLException {
        Set<String> present = setup.columns(quotedTable).keySet();
        if (!present.contains(ours)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + quotedTable + " in " + setup.store() + " exists and is not a mirror of Tidemark's:"
                            + " choose another schema, or drop it");
        }
        return present;
    }
}
