package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlReason;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TlsFailure;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What PostgreSQL's SQLSTATE classes mean for a document, and the texts for people. */
final class SqlFailures {

    /** Connection, authorization, rolled back, out of resources, locked, shutting down, disk. */
    private static final Set<String> PASSING = Set.of("08", "28", "40", "53", "55", "57", "58");

    private static final String UNKNOWN_DATABASE = "3D000";

    /** A standby, during a failover; a transaction the server's limits ended; a database that is not there yet. */
    private static final Set<String> PASSING_STATES = Set.of("25006", "25P03", "25P04", UNKNOWN_DATABASE);

    /** A table or the schema is not there. */
    private static final Set<String> GONE = Set.of("42P01", "3F000");

    /** The data does not fit the type, a constraint, or a limit; a row is there twice, under keys that are equal to PostgreSQL. */
    private static final Set<String> DATA = Set.of("21", "22", "23", "54");

    private SqlFailures() {}

    /** Whether the same statement may work later. */
    static boolean isPassing(SQLException e) {
        return PASSING.contains(stateClass(e)) || PASSING_STATES.contains(String.valueOf(e.getSQLState()));
    }

    /** Whether a value of the statement is at fault. */
    static boolean isData(SQLException e) {
        return DATA.contains(stateClass(e));
    }

    static TidemarkException of(SqlSettings settings, SQLException e) {
        if (e instanceof HinderedException) {
            return new TidemarkException(ErrorCode.UNREACHABLE, String.valueOf(e.getMessage()), e);
        }
        Optional<TlsFailure> tls = TlsFailure.in(e);
        if (tls.isPresent()) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The warehouse " + settings.display() + " cannot be trusted: "
                            + tls.get().reason() + ". "
                            + tls.get().remedyOfStore().replace("'ca' of the store", "sslrootcert in its url"),
                    e);
        }
        if (stateClass(e).equals("28")) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The warehouse " + settings.display() + " refuses the credentials of user '" + settings.user()
                            + "' (" + SqlReason.of(e) + "): check user and password",
                    e);
        }
        if (UNKNOWN_DATABASE.equals(e.getSQLState())) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The warehouse " + settings.display() + " does not exist (" + SqlReason.of(e)
                            + "): create the database, or check its name in the url",
                    e);
        }
        if (isPassing(e)) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The warehouse " + settings.display() + " does not answer (" + SqlReason.of(e)
                            + "): check that it runs and that the url is right",
                    e);
        }
        if (GONE.contains(String.valueOf(e.getSQLState()))) {
            return new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The warehouse " + settings.display() + " does not hold what was written there any more ("
                            + SqlReason.of(e)
                            + "): it must be filled from the start. Of a mirror a new start does that when the schema is empty",
                    e);
        }
        return new TidemarkException(
                ErrorCode.FAILED,
                "The warehouse " + settings.display() + " refuses a statement of Tidemark's (" + e.getSQLState() + " "
                        + SqlReason.of(e) + "): check that user '" + settings.user()
                        + "' may create and write tables in the target schema, and that nobody altered them",
                e);
    }

    private static String stateClass(SQLException e) {
        String state = e.getSQLState();
        return state == null || state.length() < 2 ? "" : state.substring(0, 2);
    }
}
