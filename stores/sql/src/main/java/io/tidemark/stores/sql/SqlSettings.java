package io.tidemark.stores.sql;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import java.util.Locale;

/**
 * How to reach a warehouse.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, with pgjdbc's parameters except credentials
 */
public record SqlSettings(String url, String user, Secret password) {

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

    /** The warehouse for people: the url without its parameters. */
    String display() {
        return withoutParameters(url);
    }

    private static String withoutParameters(String url) {
        int question = url.indexOf('?');
        return question < 0 ? url : url.substring(0, question);
    }
}
