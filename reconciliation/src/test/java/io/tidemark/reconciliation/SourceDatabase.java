package io.tidemark.reconciliation;

import io.tidemark.localstack.PostgresServer;
import io.tidemark.model.Column;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.testkit.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A fresh database on a real PostgreSQL, and what tests do with it. */
record SourceDatabase(SourceSettings settings) {

    /** A committed transaction, as capture would see it. */
    record Committed(long xid, Lsn endLsn) {}

    static SourceDatabase fresh() {
        PostgresServer server = SharedStack.postgres();
        return new SourceDatabase(
                new SourceSettings(SharedStack.freshDatabase(), server.superuser(), new Secret(server.password())));
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                settings.jdbcUrl(), settings.user(), settings.password().reveal());
    }

    void autocommit(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            run(connection, statements);
        }
    }

    /** Runs the statements in one transaction. */
    Committed commit(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            run(connection, statements);
            long xid = xid(connection);
            connection.commit();
            return new Committed(xid, Lsn.parse(text(connection, "SELECT pg_current_wal_insert_lsn()::text")));
        }
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The running transaction's id, 32 bits. */
    static long xid(Connection connection) throws SQLException {
        return Long.parseLong(text(connection, "SELECT pg_current_xact_id()::xid::text"));
    }

    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** A table as capture would describe it. */
    Relation relation(String schema, String table) throws SQLException {
        TableId id = new TableId(schema, table);
        try (Connection connection = connect()) {
            return new Relation(id, columns(connection, id), primaryKey(connection, id), List.of(), 1);
        }
    }

    private static List<Column> columns(Connection connection, TableId table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT attname, format_type(atttypid, atttypmod), atttypid::bigint, NOT attnotnull FROM pg_attribute
                WHERE attrelid = CAST(? AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                ORDER BY attnum""")) {
            statement.setString(1, table.quoted());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(new Column(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getBoolean(4)));
                }
            }
        }
        return columns;
    }

    private static List<String> primaryKey(Connection connection, TableId table) throws SQLException {
        List<String> key = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, place), pg_attribute a
                WHERE i.indrelid = CAST(? AS regclass) AND i.indisprimary
                  AND a.attrelid = i.indrelid AND a.attnum = k.attnum
                ORDER BY k.place""")) {
            statement.setString(1, table.quoted());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    key.add(rows.getString(1));
                }
            }
        }
        return key;
    }
}
