package io.tidemark.capture.internal;

import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlReason;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TlsFailure;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Opens connections to the source and says in words why one cannot be had. */
public final class SourceErrors {

    private static final String CONNECT_TIMEOUT_SECONDS = "10";

    /** With signing in: something else than PostgreSQL may listen there and say nothing. */
    static final String LOGIN_TIMEOUT_SECONDS = "15";

    /** How the server says that no line of pg_hba.conf is for a connection without TLS. */
    private static final String UNENCRYPTED = "no encryption";

    private SourceErrors() {}

    /** An ordinary connection, in UTC. */
    public static Connection connect(CaptureSettings.Source source) {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, source.user());
        PGProperty.PASSWORD.set(properties, source.password().reveal());
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
        PGProperty.LOGIN_TIMEOUT.set(properties, LOGIN_TIMEOUT_SECONDS);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.APPLICATION_NAME.set(properties, "tidemark");
        try {
            return DriverManager.getConnection(source.jdbcUrl(), properties);
        } catch (SQLException e) {
            throw explain(source, e);
        }
    }

    /** One that waits for a lock so long and no longer; {@link #isLocked} then holds of the error. */
    static Connection connect(CaptureSettings.Source source, Duration lockTimeout) throws SQLException {
        Connection connection = connect(source);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout TO " + lockTimeout.toMillis());
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** The error as Tidemark says it. */
    public static TidemarkException explain(CaptureSettings.Source source, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String where = "The source database " + source.address();
        Optional<TlsFailure> tls = TlsFailure.in(e);
        if (tls.isPresent()) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    where + " cannot be trusted: " + tls.get().reason() + ". "
                            + remedy(tls.get().kind()),
                    e);
        }
        if (state.startsWith("28")) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    where + " refuses user '" + source.user() + "': " + SqlReason.of(e)
                            + (SqlReason.of(e).endsWith(UNENCRYPTED)
                                    ? ". The server wants TLS: set sslmode=verify-full and sslrootcert in source.url"
                                    : ". Check source.user and source.password"),
                    e);
        }
        if (isHeld(e)) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    where
                            + ": the replication slot is being read by another capture. This one stands by and takes over when that one ends",
                    e);
        }
        if (isLocked(e)) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    where + " keeps a table locked, as while it is altered: " + SqlReason.of(e),
                    e);
        }
        if (state.equals("3D000")) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE, where + " does not exist. Check the database name in source.url", e);
        }
        if (isConnectionLoss(e)) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    where + " cannot be reached: " + SqlReason.of(e)
                            + ". Check source.url, and that the server is running",
                    e);
        }
        if (state.equals("42501")) {
            return new TidemarkException(
                    ErrorCode.SOURCE_UNFIT,
                    where + " does not allow user '" + source.user() + "' to do this: " + SqlReason.of(e)
                            + ". sql/role.sql shows the rights capture needs",
                    e);
        }
        return new TidemarkException(ErrorCode.FAILED, where + " reports: " + SqlReason.of(e), e);
    }

    private static String remedy(TlsFailure.Kind kind) {
        return switch (kind) {
            case DATE -> "Give the server a new certificate";
            case AUTHORITY ->
                "Check sslrootcert in source.url: it names a file with the certificate of the authority that signed the server's";
            case NAME ->
                "Use a host in source.url that the certificate names, or give the server one that names this host";
            case OTHER -> "Check sslmode and the other ssl parameters in source.url, and the server's settings of TLS";
        };
    }

    /** Whether another capture reads the slot. */
    static boolean isHeld(SQLException e) {
        return "55006".equals(e.getSQLState());
    }

    /** Whether a lock was not to be had in the time the connection waits for one. */
    public static boolean isLocked(SQLException e) {
        return "55P03".equals(e.getSQLState());
    }

    /** Whether trying again later can help. */
    public static boolean isConnectionLoss(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return state.startsWith("08") || state.startsWith("57P") || state.equals("53300");
    }
}
