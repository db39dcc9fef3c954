package io.tidemark.reconciliation;

import io.tidemark.model.ColumnRules;
import io.tidemark.model.Secret;

/**
 * How to reach the source database; the user needs SELECT on the tables of the read models, nothing else.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
 * @param columns whose values capture does not hand on as they are; the expected ones are made in the same way
 */
public record SourceSettings(String jdbcUrl, String user, Secret password, ColumnRules columns) {

    /** A source all of whose columns are captured as they are. */
    public SourceSettings(String jdbcUrl, String user, Secret password) {
        this(jdbcUrl, user, password, ColumnRules.NONE);
    }

    /** The URL without its parameters, which may hold a password. */
    String shown() {
        int parameters = jdbcUrl.indexOf('?');
        return parameters < 0 ? jdbcUrl : jdbcUrl.substring(0, parameters);
    }

    /** Leaves the URL's parameters out too. */
    @Override
    public String toString() {
        return "SourceSettings[" + shown() + ", user=" + user + "]";
    }
}
