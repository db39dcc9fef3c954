package io.tidemark.stores.redis;

import redis.clients.jedis.Jedis;

/** A Redis as {@code tidemark check} sees it. */
public final class RedisStore {

    private RedisStore() {}

    /**
     * Reaches the server and signs in.
     *
     * @return the server's version, for example {@code Redis 7.0.15}
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when it does not answer or refuses the credentials
     */
    public static String check(RedisSettings settings) {
        try (RedisServer server = new RedisServer(settings)) {
            return server.orFail(RedisStore::version);
        }
    }

    private static String version(Jedis jedis) {
        return jedis.info("server")
                .lines()
                .filter(line -> line.startsWith("redis_version:"))
                .map(line ->
                        "Redis " + line.substring("redis_version:".length()).strip())
                .findFirst()
                .orElse("Redis");
    }
}
