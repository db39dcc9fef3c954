package io.tidemark.model;

import java.util.Collection;
import java.util.stream.Collectors;

/** The one place that turns names and literals into SQL text. */
public final class SqlIdentifiers {

    private SqlIdentifiers() {}

    /** Quotes an identifier; a NUL, which no PostgreSQL identifier can hold, is refused. */
    public static String quote(String identifier) {
        refuseNul(identifier);
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** Quotes identifiers and joins them with commas. */
    public static String quoteAll(Collection<String> identifiers) {
        return identifiers.stream().map(SqlIdentifiers::quote).collect(Collectors.joining(", "));
    }

    /**
     * Quotes a string literal. Only for places that take no bind parameter (replication commands, generated SQL);
     * assumes {@code standard_conforming_strings = on}.
     */
    public static String literal(String value) {
        refuseNul(value);
        return "'" + value.replace("'", "''") + "'";
    }

    private static void refuseNul(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("A NUL character cannot be part of SQL text");
        }
    }
}
