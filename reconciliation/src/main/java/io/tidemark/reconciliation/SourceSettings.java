package io.tidemark.reconciliation;

import io.tidemark.model.Secret;

/**
 * How to reach the source database; the user needs SELECT on the tables of the read models, nothing else.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}
 */
public record SourceSettings(String jdbcUrl, String user, Secret password) {

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
