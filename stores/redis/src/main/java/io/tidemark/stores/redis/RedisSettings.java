package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Redis.
 *
 * @param user null for the default user
 * @param password null where none is asked for
 * @param authority file in PEM with the authority that signed the server's certificate; null for those the JVM trusts
 * @param tombstones how long a delete is remembered, to refuse older writes that come after it
 */
public record RedisSettings(
        String host,
        int port,
        boolean tls,
        int database,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable Path authority,
        Duration tombstones) {

    private static final int DEFAULT_PORT = 6379;

    public RedisSettings {
        if (tombstones.compareTo(Duration.ofSeconds(1)) < 0) {
            throw wrong("Deletes must be remembered for a second at least, not " + tombstones);
        }
    }

    /**
     * Reads {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss} for TLS. Deletes are
     * remembered for an hour.
     */
    public static RedisSettings parse(Secret url) {
        URI uri = uri(url);
        String scheme = uri.getScheme();
        if (uri.getHost() == null || !("redis".equals(scheme) || "rediss".equals(scheme))) {
            throw notAUrl();
        }
        String credentials = uri.getUserInfo();
        int colon = credentials == null ? -1 : credentials.indexOf(':');
        return new RedisSettings(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                "rediss".equals(scheme),
                database(uri.getPath()),
                credentials == null || colon == 0
                        ? null
                        : credentials.substring(0, colon < 0 ? credentials.length() : colon),
                credentials == null || colon < 0 ? null : new Secret(credentials.substring(colon + 1)),
                null,
                Duration.ofHours(1));
    }

    public RedisSettings withTombstones(Duration duration) {
        return new RedisSettings(host, port, tls, database, user, password, authority, duration);
    }

    /** The same, trusting the authority of a file and no other. */
    public RedisSettings trusting(Path file) {
        return new RedisSettings(host, port, tls, database, user, password, file, tombstones);
    }

    /** The server for people: its url without credentials. */
    String display() {
        return (tls ? "rediss" : "redis") + "://" + host + ":" + port + "/" + database;
    }

    private static URI uri(Secret url) {
        try {
            return new URI(url.reveal());
        } catch (URISyntaxException e) {
            throw notAUrl();
        }
    }

    private static int database(@Nullable String path) {
        if (path == null || path.isEmpty() || path.equals("/")) {
            return 0;
        }
        if (!path.matches("/[0-9]{1,5}")) {
            throw notAUrl();
        }
        return Integer.parseInt(path.substring(1));
    }

    /** Without the url, which may hold a password. */
    private static TidemarkException notAUrl() {
        return wrong("The url of the Redis store is not of the form redis://user:password@host:port/database"
                + " (percent-encode special characters of the password)");
    }

    private static TidemarkException wrong(String message) {
        return new TidemarkException(ErrorCode.CONFIGURATION, message);
    }
}
