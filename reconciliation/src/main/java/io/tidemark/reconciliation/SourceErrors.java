package io.tidemark.reconciliation;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.SqlReason;
import io.tidemark.model.TidemarkException;
import java.sql.SQLException;

/** Turns what the driver throws into errors with a code and a way out. */
final class SourceErrors {

    private SourceErrors() {}

    static TidemarkException of(SourceSettings source, String doing, SQLException cause) {
        if (isLocked(cause)) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The source " + source.shown() + " kept user '" + source.user() + "' waiting while " + doing + ": "
                            + SqlReason.of(cause) + ". Somebody truncates or alters one of the read model's tables, or"
                            + " waits to: try again when that is done",
                    cause);
        }
        if (unreachable(state(cause))) {
            return new TidemarkException(
                    ErrorCode.UNREACHABLE,
                    "The source " + source.shown() + " did not answer user '" + source.user() + "' while " + doing
                            + ": " + SqlReason.of(cause) + ". Check that it runs, and its address and credentials",
                    cause);
        }
        return new TidemarkException(
                ErrorCode.FAILED,
                "The source " + source.shown() + " refused " + doing + ": " + SqlReason.of(cause)
                        + ". Check that user '" + source.user() + "' may SELECT from the read model's tables and"
                        + " that the definition names what is there",
                cause);
    }

    /** Whether somebody else holds a lock, or a cycle of locks was broken up. */
    static boolean isLocked(SQLException e) {
        return state(e).equals("55P03") || state(e).equals("40P01");
    }

    /** Whether a value does not fit the type it was to be compared in: such a key is in no row. */
    static boolean valueDoesNotFit(SQLException e) {
        return state(e).startsWith("22") || state(e).equals("23514") || state(e).equals("23502");
    }

    /** Connection lost (08), refused (28), out of connections or memory (53), shutting down (57P). */
    private static boolean unreachable(String state) {
        return state.startsWith("08")
                || state.startsWith("28")
                || state.startsWith("53")
                || state.startsWith("57P")
                || state.startsWith("3D");
    }

    private static String state(SQLException e) {
        String state = e.getSQLState();
        return state == null ? "" : state;
    }
}
