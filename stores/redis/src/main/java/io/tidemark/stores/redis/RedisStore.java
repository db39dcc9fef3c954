package io.tidemark.stores.redis;

import java.util.Optional;
import redis.clients.jedis.Jedis;

/** A Redis as {@code tidemark check} sees it. */
public final class RedisStore {

    private static final String KEEPS_ALL = "noeviction";

    private RedisStore() {}

    /**
     * Reaches the server and signs in.
     *
     * @return the server's version, for example {@code Redis 7.0.15}, and what in its settings endangers read models
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when it does not answer or refuses the credentials
     */
    public static String check(RedisSettings settings) {
        try (RedisServer server = new RedisServer(settings)) {
            return server.orFail(jedis -> version(jedis) + eviction(jedis));
        }
    }

    private static String version(Jedis jedis) {
        return value(jedis, "server", "redis_version")
                .map(version -> "Redis " + version)
                .orElse("Redis");
    }

    /** Evicted with documents are the markers that keep older versions out. */
    private static String eviction(Jedis jedis) {
        String policy = value(jedis, "memory", "maxmemory_policy").orElse(KEEPS_ALL);
        boolean limited = !value(jedis, "memory", "maxmemory").orElse("0").equals("0");
        return limited && !policy.equals(KEEPS_ALL)
                ? ", which evicts keys when it is full (maxmemory-policy " + policy
                        + "): documents go missing then, and deletes may come undone. Set " + KEEPS_ALL
                : "";
    }

    private static Optional<String> value(Jedis jedis, String section, String name) {
        return jedis.info(section)
                .lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst();
    }
}
