package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.Locale;

/**
 * How to reach a warehouse.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, with pgjdbc's parameters except credentials
 * @param deletesRemembered how long a delete is remembered, to refuse older writes that come after it
 */
public record SqlSettings(String url, String user, Secret password, Duration deletesRemembered) {

    private static final String SCHEME = "jdbc:postgresql:";

    public SqlSettings {
        if (!url.startsWith(SCHEME)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "A SQL store's url begins with " + SCHEME + "; this one does not");
        }
        if (url.toLowerCase(Locale.ROOT).contains("password=")) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The url of the SQL store " + withoutParameters(url)
                            + " contains a password: move it to 'password', where it is kept from logs");
        }
    }

    /** Deletes are remembered for an hour. */
    public SqlSettings(String url, String user, Secret password) {
        this(url, user, password, Duration.ofHours(1));
    }

    public SqlSettings withDeletesRemembered(Duration duration) {
        return new SqlSettings(url, user, password, duration);
    }

    /** The warehouse for people: the url without its parameters. */
    String display() {
        return withoutParameters(url);
    }

    private static String withoutParameters(String url) {
        int question = url.indexOf('?');
        return question < 0 ? url : url.substring(0, question);
    }
}
