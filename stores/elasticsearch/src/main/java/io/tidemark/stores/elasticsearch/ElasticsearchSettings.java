package io.tidemark.stores.elasticsearch;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.Secret;
import io.tidemark.model.TidemarkException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an Elasticsearch: with a user and password, with an API key, or with neither.
 *
 * @param url {@code http(s)://host:port}, with a path where a proxy wants one, without credentials
 * @param apiKey in its encoded form
 * @param authority file in PEM with the authority that signed the server's certificate; null for those the JVM trusts
 */
public record ElasticsearchSettings(
        String url,
        @Nullable String user,
        @Nullable Secret password,
        @Nullable Secret apiKey,
        @Nullable Path authority) {

    public ElasticsearchSettings {
        URI uri = uri(url);
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw wrong("The url of the Elasticsearch store is not of the form http://host:port or https://host:port");
        }
        if (uri.getUserInfo() != null) {
            throw wrong("The url of the Elasticsearch store at " + uri.getHost()
                    + " contains credentials: move them to 'user' and 'password', where they are kept from logs");
        }
        if ((user == null) != (password == null)) {
            throw wrong("The Elasticsearch store at " + url + " needs both 'user' and 'password', or neither");
        }
        if (user != null && apiKey != null) {
            throw wrong("The Elasticsearch store at " + url + " takes a user or an API key, not both");
        }
    }

    /** A server that asks for no credentials. */
    public static ElasticsearchSettings of(String url) {
        return new ElasticsearchSettings(url, null, null, null, null);
    }

    public static ElasticsearchSettings withUser(String url, String user, Secret password) {
        return new ElasticsearchSettings(url, user, password, null, null);
    }

    public static ElasticsearchSettings withApiKey(String url, Secret apiKey) {
        return new ElasticsearchSettings(url, null, null, apiKey, null);
    }

    /** The same, trusting the authority of a file and no other. */
    public ElasticsearchSettings trusting(Path file) {
        return new ElasticsearchSettings(url, user, password, apiKey, file);
    }

    URI uri() {
        return uri(url);
    }

    private static URI uri(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw wrong("The url of the Elasticsearch store is not a url");
        }
    }

    private static TidemarkException wrong(String message) {
        return new TidemarkException(ErrorCode.CONFIGURATION, message);
    }
}
