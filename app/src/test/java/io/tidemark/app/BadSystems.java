package io.tidemark.app;

import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A small source with a configuration over the shared servers, of which a test spoils one part. */
final class BadSystems {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String TABLES = """
            CREATE TABLE customers (id int PRIMARY KEY, name text);
            CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, status text);
            INSERT INTO customers VALUES (1, 'Ada');
            INSERT INTO orders VALUES (1, 1, 'new'), (2, 1, 'new');
            """;

    private final String name =
            "bad" + NUMBER.incrementAndGet() + "x" + ProcessHandle.current().pid();
    private final String sourceUrl;
    private String text;

    private BadSystems(String sourceUrl, String user, String password) throws SQLException {
        this.sourceUrl = sourceUrl;
        try (Connection connection = DriverManager.getConnection(sourceUrl, user, password);
                Statement statement = connection.createStatement()) {
            statement.execute(TABLES);
        }
        text = """
                source: {url: "%s", user: "%s", password: "%s", tables: [public.*], slot: %s, publication: %s}
                kafka: {bootstrap.servers: "%s", prefix: %s, partitions: 1}
                stores:
                  search: {elasticsearch: {url: "%s"}}
                  cache: {redis: {url: "%s"}}
                  dw: {sql: {url: "%s", user: "%s", password: "%s"}}
                read-models:
                  docs-%s:
                    document: public.orders
                    fields: [id, status]
                    one: {customer: {table: public.customers, by: customer_id, fields: [name]}}
                    to: {search: "%s", cache: "%s:{id}"}
                  rows-%s:
                    mirror: [public.*]
                    to: {dw: public}
                """.formatted(
                        sourceUrl,
                        user,
                        password,
                        name,
                        name,
                        SharedStack.kafka().bootstrapServers(),
                        name,
                        SharedStack.elasticsearch().url(),
                        SharedStack.redis().url(),
                        SharedStack.freshDatabase(),
                        SharedStack.postgres().superuser(),
                        SharedStack.postgres().password(),
                        name,
                        name,
                        name,
                        name);
    }

    static BadSystems onSharedServers() throws SQLException {
        return new BadSystems(
                SharedStack.freshDatabase(),
                SharedStack.postgres().superuser(),
                SharedStack.postgres().password());
    }

    static BadSystems at(String sourceUrl, String user, String password) throws SQLException {
        return new BadSystems(sourceUrl, user, password);
    }

    /** Slot, publication and prefix. */
    String name() {
        return name;
    }

    String sourceUrl() {
        return sourceUrl;
    }

    BadSystems with(String what, String instead) {
        if (!text.contains(what)) {
            throw new IllegalArgumentException(what + " is not in\n" + text);
        }
        text = text.replace(what, instead);
        return this;
    }

    BadSystems sql(String statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
        return this;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                sourceUrl,
                SharedStack.postgres().superuser(),
                SharedStack.postgres().password());
    }

    Path file(Path directory) throws IOException {
        return Files.writeString(directory.resolve(name + ".yml"), text);
    }
}
