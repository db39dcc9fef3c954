package io.tidemark.app.config;

import io.tidemark.model.Secret;
import java.nio.file.Path;
import java.util.Optional;

/** A store that read models are written to. */
public sealed interface StoreConfig {

    String name();

    ConnectionUrl url();

    /** As the file calls it: {@code elasticsearch}, {@code redis} or {@code sql}. */
    String kind();

    /** How a client of Elasticsearch says who it is. */
    sealed interface Credentials {

        record None() implements Credentials {}

        record UserPassword(String user, Secret password) implements Credentials {}

        record ApiKey(Secret key) implements Credentials {}
    }

    /**
     * An Elasticsearch.
     *
     * @param authority file with the authority that signed the server's certificate, where the JVM does not trust it
     */
    record Elasticsearch(String name, ConnectionUrl url, Credentials credentials, Optional<Path> authority)
            implements StoreConfig {

        @Override
        public String kind() {
            return "elasticsearch";
        }
    }

    /**
     * A Redis; who signs in is said by the URL.
     *
     * @param authority as of Elasticsearch
     */
    record Redis(String name, ConnectionUrl url, Optional<Path> authority) implements StoreConfig {

        @Override
        public String kind() {
            return "redis";
        }
    }

    /** A PostgreSQL database reached by JDBC; user and password may also be parameters of the URL. */
    record Sql(String name, ConnectionUrl url, Optional<String> user, Secret password) implements StoreConfig {

        @Override
        public String kind() {
            return "sql";
        }
    }
}
