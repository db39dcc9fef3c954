package io.tidemark.connect;

import io.tidemark.model.Column;
import io.tidemark.model.Json;
import io.tidemark.model.RowKey;
import io.tidemark.model.Secret;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import io.tidemark.stores.elasticsearch.ElasticsearchReader;
import io.tidemark.stores.elasticsearch.ElasticsearchSettings;
import io.tidemark.stores.redis.RedisReader;
import io.tidemark.stores.redis.RedisSettings;
import io.tidemark.stores.redis.RedisTarget;
import io.tidemark.stores.sql.SqlDocumentReader;
import io.tidemark.stores.sql.SqlDocumentTable;
import io.tidemark.stores.sql.SqlSettings;
import io.tidemark.testkit.SharedStack;
import io.tidemark.testkit.TcpProxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store that a sink writes to, with a place of its own in it for one test. Documents have the key {@code id}, a number.
 *
 * @param config of the connector, the store's part
 * @param reader of the model that was given
 */
record Target(String sink, Map<String, String> config, String model, Supplier<DocumentReader> reader) {

    private static final Pattern PORT = Pattern.compile(":([0-9]{2,5})\\b");

    /** One of each kind. */
    static List<Target> all(String name, String model) {
        return all(name, generation(model, 1));
    }

    /** One of each kind, read as what a generation wrote. */
    static List<Target> all(String name, Generation generation) {
        return List.of(elasticsearch(name, generation), redis(name, generation), sql(name, generation));
    }

    static Target elasticsearch(String name, String model) {
        return elasticsearch(name, generation(model, 1));
    }

    private static Target elasticsearch(String name, Generation generation) {
        String url = SharedStack.elasticsearch().url();
        return new Target(
                "io.tidemark.connect.elasticsearch.TidemarkElasticsearchSink",
                Map.of("connection.url", url, "index", name),
                generation.model(),
                () -> new ElasticsearchReader(ElasticsearchSettings.of(url), name, generation));
    }

    static Target redis(String name, String model) {
        return redis(name, generation(model, 1));
    }

    private static Target redis(String name, Generation generation) {
        String url = SharedStack.redis().url();
        String template = name + ":{id}";
        return new Target(
                "io.tidemark.connect.redis.TidemarkRedisSink",
                Map.of("connection.url", url, "redis.key", template),
                generation.model(),
                () -> new RedisReader(
                        RedisSettings.parse(new Secret(url)), RedisTarget.json(template, List.of("id")), generation));
    }

    static Target sql(String name, String model) {
        return sql(name, generation(model, 1));
    }

    private static Target sql(String name, Generation generation) {
        var server = SharedStack.postgres();
        String url = SharedStack.freshDatabase();
        SqlDocumentTable table = new SqlDocumentTable(
                new TableId("dw", name), List.of(new Column("id", "bigint", 20, false)), List.of());
        return new Target(
                "io.tidemark.connect.sql.TidemarkSqlSink",
                Map.of(
                        "connection.url",
                        url,
                        "connection.username",
                        server.superuser(),
                        "connection.password",
                        server.password(),
                        "collection.name.format",
                        "dw." + name,
                        "primary.key.fields",
                        "id:bigint"),
                generation.model(),
                () -> new SqlDocumentReader(
                        new SqlSettings(url, server.superuser(), new Secret(server.password())), table, generation));
    }

    static Generation generation(String model, int number) {
        return new Generation(model, number, "any");
    }

    /** The same, with a proxy between sink and store, which is added to these. */
    Target through(List<TcpProxy> proxies) {
        String url = config.get("connection.url");
        Matcher port = PORT.matcher(url);
        if (!port.find()) {
            throw new IllegalStateException(url + " has no port");
        }
        int served = Integer.parseInt(port.group(1));
        TcpProxy proxy = TcpProxy.to(() -> served);
        proxies.add(proxy);
        Map<String, String> through = new HashMap<>(config);
        through.put("connection.url", port.replaceFirst(":" + proxy.port()));
        return new Target(sink, through, model, reader);
    }

    /** For people. */
    String kind() {
        return sink.substring(sink.lastIndexOf('.') + 1);
    }

    /** The configuration of a connector that writes here. */
    Map<String, String> connector(Map<String, String> others) {
        Map<String, String> all = new HashMap<>(config);
        all.put("connector.class", sink);
        all.put("tasks.max", "2");
        all.put("retry.backoff.ms", "50");
        all.putAll(others);
        return all;
    }

    /** Bodies by id, as canonical text: entries sorted by name. */
    Map<Long, String> contents() {
        Map<Long, String> contents = new TreeMap<>();
        List<StoredDocument> all = new ArrayList<>();
        try (DocumentReader open = reader.get()) {
            open.scan(model, 1_000, all::addAll);
        }
        all.forEach(document -> contents.put(id(document.key()), Json.canonical(document.body())));
        return contents;
    }

    private static long id(RowKey key) {
        return key.values().path("id").asLong(-1);
    }

    Optional<TidemarkRef> applied() {
        try (DocumentReader open = reader.get()) {
            return open.appliedTidemark();
        }
    }

    @Override
    public String toString() {
        return kind();
    }
}
