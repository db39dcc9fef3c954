package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Creates the tables and columns a mirror needs, where they are missing. */
final class MirrorSetup {

    private final TableSetup setup;

    MirrorSetup(TableSetup setup) {
        this.setup = setup;
    }

    /**
     * Sees to it that the rows have their table.
     *
     * @param begun whether tidemarks were applied already, so that a table cannot be missing
     */
    void createTable(GuardedTable table, boolean begun) throws SQLException {
        Map<String, String> types = types(table.relation());
        if (!setup.exists(table.quoted())) {
            requireNew(table.quoted(), begun);
            setup.execute(table.create(column -> types.getOrDefault(column.name(), "text")));
            return;
        }
        types.keySet().removeAll(present(table.quoted(), GuardedTable.POSITION).keySet());
        for (Map.Entry<String, String> column : types.entrySet()) {
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
        types.keySet().removeAll(present(table.quoted(), HistoryTable.FROM).keySet());
        for (Map.Entry<String, String> column : types.entrySet()) {
            setup.execute(table.addColumn(column.getKey(), column.getValue()));
        }
        if (!begun) {
            setup.execute("truncate " + table.quoted());
        }
    }

    /**
     * Whether the rows have their table.
     *
     * @throws TidemarkException CONFIGURATION when another one has its name
     */
    boolean isMade(GuardedTable table) throws SQLException {
        return setup.exists(table.quoted())
                && !present(table.quoted(), GuardedTable.POSITION).isEmpty();
    }

    private Map<String, String> types(Relation relation) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : relation.columns()) {
            types.put(column.name(), setup.type(column));
        }
        return types;
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

    private Map<String, String> present(String quotedTable, String ours) throws SQLException {
        Map<String, String> present = setup.columns(quotedTable);
        if (!present.containsKey(ours)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + quotedTable + " in " + setup.store() + " exists and is not a mirror of Tidemark's:"
                            + " choose another schema, or drop it");
        }
        return present;
    }
}
