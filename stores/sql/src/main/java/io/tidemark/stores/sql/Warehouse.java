package io.tidemark.stores.sql;

import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** One connection to the warehouse, opened when needed and thrown away when anything failed on it. */
final class Warehouse implements AutoCloseable {

    /** What runs in one transaction. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Values print as PostgreSQL's to_jsonb does in the source, whatever the warehouse's defaults. */
    private static final String SESSION = "set timezone = 'UTC'; set datestyle = 'ISO, MDY';"
            + " set intervalstyle = 'postgres'; set bytea_output = 'hex'; set extra_float_digits = 1;"
            + " set standard_conforming_strings = on;"
            // One that suits a small table would be kept for it when it is large.
            + " set plan_cache_mode = force_custom_plan";

    private final SqlSettings settings;
    private @Nullable Connection connection;

    Warehouse(SqlSettings settings) {
        this.settings = settings;
    }

    /** Runs work and commits; a failure rolls back and gives up the connection. */
    <T> T inTransaction(Work<T> work) throws SQLException {
        Connection current = connection();
        boolean committed = false;
        try {
            T result = work.on(current);
            current.commit();
            committed = true;
            return result;
        } finally {
            if (!committed) {
                close();
            }
        }
    }

    /** As {@link #inTransaction}, with failures for people. */
    <T> T orFail(Work<T> work) {
        try {
            return inTransaction(work);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    TidemarkException failure(SQLException e) {
        return SqlFailures.of(settings, e);
    }

    String display() {
        return settings.display();
    }

    private Connection connection() throws SQLException {
        Connection current = connection;
        if (current == null || current.isClosed()) {
            current = connect();
            connection = current;
        }
        return current;
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password().reveal());
        properties.setProperty("ApplicationName", "tidemark");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "15");
        properties.setProperty("socketTimeout", "300");
        properties.setProperty("tcpKeepAlive", "true");
        Connection fresh = DriverManager.getConnection(settings.url(), properties);
        try (Statement statement = fresh.createStatement()) {
            statement.execute(SESSION);
            fresh.setAutoCommit(false);
            return fresh;
        } catch (SQLException e) {
            fresh.close();
            throw e;
        }
    }

    @Override
    public void close() {
        Connection current = connection;
        connection = null;
        if (current != null) {
            closeQuietly(current);
        }
    }

    /** A connection that cannot even be closed is gone already, and the server has rolled back. */
    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            System.getLogger(Warehouse.class.getName()).log(System.Logger.Level.DEBUG, "Closing failed", gone);
        }
    }
}
