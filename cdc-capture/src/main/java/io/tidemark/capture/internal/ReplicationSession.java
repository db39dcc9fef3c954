package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;

/** Opens walsender connections whose values are printed in one way, whatever the JVM's or the server's defaults are. */
public final class ReplicationSession {

    /** The settings under which type output functions print what {@code to_jsonb} is compared with. */
    private static final List<String> SETTINGS = List.of(
            "SET TimeZone TO 'UTC'",
            "SET DateStyle TO 'ISO, YMD'",
            "SET IntervalStyle TO 'postgres'",
            "SET bytea_output TO 'hex'",
            "SET extra_float_digits TO 1");

    private ReplicationSession() {}

    /** Opens one with a source's own role. */
    public static PgConnection open(CaptureSettings.Source source) throws SQLException {
        Properties jdbc = new Properties();
        PGProperty.USER.set(jdbc, source.user());
        PGProperty.PASSWORD.set(jdbc, source.password().reveal());
        return open(source.jdbcUrl(), jdbc);
    }

    /**
     * Opens one.
     *
     * @param jdbc user, password and further driver properties
     */
    public static PgConnection open(String jdbcUrl, Properties jdbc) throws SQLException {
        Properties properties = new Properties();
        jdbc.stringPropertyNames().forEach(name -> properties.setProperty(name, jdbc.getProperty(name)));
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.LOGIN_TIMEOUT.set(properties, SourceErrors.LOGIN_TIMEOUT_SECONDS);
        PGProperty.APPLICATION_NAME.set(properties, "tidemark capture");
        PgConnection connection =
                DriverManager.getConnection(jdbcUrl, properties).unwrap(PgConnection.class);
        try {
            applySettings(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** Makes a session print values as capture expects them. */
    public static void applySettings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String setting : SETTINGS) {
                statement.execute(setting);
            }
        }
    }
}
