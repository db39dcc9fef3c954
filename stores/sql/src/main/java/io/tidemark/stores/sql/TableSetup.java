package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.SqlIdentifiers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Makes schemas and tables in the warehouse, in types it has. */
final class TableSetup {

    /** What {@code format_type} prints for built-in types; anything else would not be safe to put into SQL as it is. */
    private static final Pattern TYPE = Pattern.compile("(\"char\"|[a-z][a-z0-9_ ]*)(\\([0-9, -]+\\))?[a-z ]*(\\[])*");

    private final Connection connection;
    private final String store;
    private final String schema;

    TableSetup(Connection connection, String store, String schema) {
        this.connection = connection;
        this.store = store;
        this.schema = schema;
    }

    /** The warehouse, for people. */
    String store() {
        return store;
    }

    /** Creates the schema; writers that start at the same time wait for each other here. */
    void createSchema() throws SQLException {
        query("select '', '' from pg_advisory_xact_lock(hashtextextended('tidemark ' || ?, 0))", schema);
        if (query("select nspname, '' from pg_namespace where nspname = ?", schema)
                .isEmpty()) {
            execute("create schema " + SqlIdentifiers.quote(schema));
        }
    }

    boolean exists(String quotedTable) throws SQLException {
        return Bookkeeping.exists(connection, quotedTable);
    }

    /** The types a table has, by column, as {@code format_type} prints them; empty when it is not there. */
    Map<String, String> columns(String quotedTable) throws SQLException {
        return query(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute"
                        + " where attrelid = to_regclass(?) and attnum > 0 and not attisdropped",
                quotedTable);
    }

    /** The comments of columns that have one, by column. */
    Map<String, String> comments(GuardedTable table) throws SQLException {
        return query(
                "select attname, col_description(attrelid, attnum) from pg_attribute"
                        + " where attrelid = to_regclass(?) and attnum > 0 and not attisdropped"
                        + " and col_description(attrelid, attnum) is not null",
                table.quoted());
    }

    /**
     * The source's type where the warehouse has it built in. Else text, and jsonb for arrays, whose JSON is no text;
     * the reg types too are text, since they would look their names up in the warehouse.
     */
    String type(Column column) throws SQLException {
        return type(column, column.type().endsWith("[]") ? "jsonb" : "text");
    }

    /** The source's type where the warehouse has it built in, and else another. */
    String type(Column column, String otherwise) throws SQLException {
        String type = column.type();
        boolean builtIn = TYPE.matcher(type).matches()
                && !type.startsWith("reg")
                && !query(
                                "select typname, '' from pg_type where oid = to_regtype(?)"
                                        + " and typnamespace = 'pg_catalog'::regnamespace",
                                type)
                        .isEmpty();
        return builtIn ? type : otherwise;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Until the end of the transaction nobody is waited for longer than this, who holds a table. */
    void waitForLocksAtMost(Duration longest) throws SQLException {
        execute("set local lock_timeout = " + longest.toMillis());
    }

    /** The first two columns of every row. */
    private Map<String, String> query(String sql, String parameter) throws SQLException {
        Map<String, String> rows = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.put(String.valueOf(row.getString(1)), String.valueOf(row.getString(2)));
                }
            }
        }
        return rows;
    }
}
