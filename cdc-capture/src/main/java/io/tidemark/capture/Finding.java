package io.tidemark.capture;

import java.util.List;
import java.util.Locale;

/**
 * One thing an examination of the source found.
 *
 * @param subject what it is about: {@code server}, {@code role tidemark}, {@code table public.orders}
 * @param what was found, a sentence without its full stop; why it matters is the code's
 * @param sql statements that mend it, in order, each to be run by itself; empty where SQL cannot
 * @param remedy what to do beside the SQL or instead of it; empty when the SQL is all
 */
public record Finding(
        Severity severity, FindingCode code, String subject, String what, List<String> sql, String remedy) {

    /** How bad it is, the worst first. */
    public enum Severity {
        /** Capture will not start, or would lose or invent changes. */
        ERROR,
        /** Capture starts, and this can stop it or the source later. */
        WARNING,
        /** Worth knowing. */
        INFO,
        /** Examined and in order. */
        OK;

        /** As printed. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Finding {
        sql = List.copyOf(sql);
    }

    public static Finding error(FindingCode code, String subject, String what, List<String> sql, String remedy) {
        return new Finding(Severity.ERROR, code, subject, what, sql, remedy);
    }

    public static Finding warning(FindingCode code, String subject, String what, List<String> sql, String remedy) {
        return new Finding(Severity.WARNING, code, subject, what, sql, remedy);
    }

    public static Finding info(FindingCode code, String subject, String what, List<String> sql, String remedy) {
        return new Finding(Severity.INFO, code, subject, what, sql, remedy);
    }

    public static Finding ok(FindingCode code, String subject, String what) {
        return new Finding(Severity.OK, code, subject, what, List.of(), "");
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** In one line: what was found and what to do. */
    public String sentence() {
        String run = sql.isEmpty() ? "" : ". Run: " + String.join(" ", sql);
        return what + run + (remedy.isEmpty() ? "" : (sql.isEmpty() ? ". " : " ") + remedy);
    }
}
