package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlIdentifiers;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Creates the schema, tables and columns a mirror needs, where they are missing. */
final class MirrorSetup {

    /** What {@code format_type} prints for built-in types; anything else would not be safe to put into SQL as it is. */
    private static final Pattern TYPE = Pattern.compile("(\"char\"|[a-z][a-z0-9_ ]*)(\\([0-9, -]+\\))?[a-z ]*(\\[])*");

    private final Connection connection;
    private final String store;
    private final String schema;

    MirrorSetup(Connection connection, String store, String schema) {
        this.connection = connection;
        this.store = store;
        this.schema = schema;
    }

    /** Creates the schema; writers that start at the same time wait for each other here. */
    void createSchema() throws SQLException {
        query("select pg_advisory_xact_lock(hashtextextended('tidemark ' || ?, 0))", schema);
        if (query("select 1 from pg_namespace where nspname = ?", schema).isEmpty()) {
            execute("create schema " + SqlIdentifiers.quote(schema));
        }
    }

    /** @param begun whether tidemarks were applied already, so that a table cannot be missing */
    void createTable(MirrorTable table, boolean begun) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        for (Column column : table.relation().columns()) {
            types.put(column.name(), warehouseType(column));
        }
        if (Bookkeeping.exists(connection, table.quoted())) {
            addMissingColumns(table, types);
        } else if (begun) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "Table " + table.quoted() + " is not in " + store + " although tidemarks were applied to its mirror"
                            + " already: what it should hold will not be sent again; start a new generation");
        } else {
            execute(table.create(column -> types.getOrDefault(column.name(), "text")));
        }
    }

    private void addMissingColumns(MirrorTable table, Map<String, String> types) throws SQLException {
        Set<String> present = query(
                "select attname from pg_attribute where attrelid = to_regclass(?) and attnum > 0 and not attisdropped",
                table.quoted());
        if (!present.contains(MirrorTable.POSITION)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Table " + table.quoted() + " in " + store + " exists and is not a mirror of Tidemark's:"
                            + " choose another schema, or drop it");
        }
        for (Column column : table.relation().columns()) {
            if (!present.contains(column.name())) {
                execute(table.addColumn(column, types.getOrDefault(column.name(), "text")));
            }
        }
    }

    /**
     * The source's type where the warehouse has it built in. Else text, and jsonb for arrays, whose JSON is no text;
     * the reg types too are text, since they would look their names up in the warehouse.
     */
    private String warehouseType(Column column) throws SQLException {
        String type = column.type();
        boolean builtIn = TYPE.matcher(type).matches()
                && !type.startsWith("reg")
                && !query(
                                "select 1 from pg_type where oid = to_regtype(?) and typnamespace = 'pg_catalog'::regnamespace",
                                type)
                        .isEmpty();
        if (builtIn) {
            return type;
        }
        return type.endsWith("[]") ? "jsonb" : "text";
    }

    private Set<String> query(String sql, String parameter) throws SQLException {
        Set<String> first = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    first.add(String.valueOf(row.getString(1)));
                }
            }
        }
        return first;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
