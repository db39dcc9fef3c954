package io.tidemark.benchmarks;

import io.tidemark.model.Secret;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.stores.redis.RedisReader;
import io.tidemark.stores.redis.RedisSettings;
import io.tidemark.stores.redis.RedisTarget;
import io.tidemark.stores.redis.RedisWriter;
import java.net.URI;
import java.util.List;
import redis.clients.jedis.Jedis;

/** Strings with JSON, their keys with a prefix. */
record RedisPlace(String url, String name) implements Place {

    static final String KIND = "redis";

    private static final int ANSWER_TIMEOUT_MS = 60_000;

    String key(long id) {
        return name + ":" + id;
    }

    /** Where a delete of it would be remembered. */
    String marker(long id) {
        return "_tidemark:deleted:{" + key(id) + "}";
    }

    Jedis connect() {
        return new Jedis(URI.create(url), ANSWER_TIMEOUT_MS);
    }

    @Override
    public List<String> arguments() {
        return List.of(KIND, name, url);
    }

    @Override
    public DocumentWriter writer() {
        return new RedisWriter(settings(), target(), generation(), Lane.PARTITIONS);
    }

    @Override
    public DocumentReader reader() {
        return new RedisReader(settings(), target(), generation());
    }

    private RedisSettings settings() {
        return RedisSettings.parse(new Secret(url));
    }

    private RedisTarget target() {
        return RedisTarget.json(name + ":{id}", List.of("id"));
    }

    @Override
    public void close() {
        try (Jedis jedis = connect()) {
            jedis.flushAll();
        }
    }
}
