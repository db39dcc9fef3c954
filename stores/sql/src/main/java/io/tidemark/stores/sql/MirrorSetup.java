package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
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
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : table.relation().columns()) {
            types.put(column.name(), setup.type(column));
        }
        if (setup.exists(table)) {
            addMissingColumns(table, types);
        } else if (begun) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "Table " + table.quoted() + " is not in " + setup.store()
                            + " although tidemarks were applied to its mirror"
                            + " already: what it should hold will not be sent again; start a new generation");
        } else {
            setup.execute(table.create(column -> types.getOrDefault(column.name(), "text")));
        }
    }

    private void addMissingColumns(GuardedTable table, Map<String, String> types) throws SQLException {
        Set<String> present = setup.columns(table).keySet();
        if (!present.contains(GuardedTable.POSITION)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + table.quoted() + " in " + setup.store() + " exists and is not a mirror of Tidemark's:"
                            + " choose another schema, or drop it");
        }
        for (Column column : table.relation().columns()) {
            if (!present.contains(column.name())) {
                setup.execute(table.addColumn(column.name(), types.getOrDefault(column.name(), "text")));
            }
        }
    }
}
