package io.tidemark.model;

import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What an SQL error says, in one line, for our own messages. */
public final class SqlReason {

    /** The driver's own guesses at causes and remedies: ours come after the reason, and two would contradict. */
    private static final Pattern ADVICE = Pattern.compile("\\. Check that the hostname and port are correct.*");

    private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");

    private static final String HIDING = "The connection attempt failed";

    private SqlReason() {}

    /** The reason, which the driver hides in the cause when no connection came about; without a full stop. */
    public static String of(SQLException e) {
        Throwable cause = e.getCause();
        if (cause instanceof UnknownHostException unknown) {
            return "there is no host " + unknown.getMessage();
        }
        if (cause instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        return TlsFailure.in(e).map(TlsFailure::reason).orElseGet(() -> text(e, cause));
    }

    private static String text(SQLException e, @Nullable Throwable cause) {
        String text = LINE_BREAK.matcher(String.valueOf(e.getMessage())).replaceAll(" ");
        String plain = ADVICE.matcher(text).replaceFirst("").strip();
        String reason = plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain;
        return cause != null && reason.equals(HIDING) ? String.valueOf(cause.getMessage()) : reason;
    }
}
