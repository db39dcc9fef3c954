package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.Generation;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;

/**
 * Whose the keys are that nobody takes over: what a sink of Kafka Connect writes, which no promotion knows of. It says so
 * under the pattern of the keys, and whoever else is to write there is refused. Generations of {@code tidemark run} own
 * nothing: they take keys over from each other, and from other models.
 */
final class RedisOwner {

    private final Generation generation;
    private final RedisTarget target;
    private final String keys;
    private final String name;

    RedisOwner(RedisTarget target, Generation generation) {
        this.target = target;
        this.generation = generation;
        this.keys = KeyTemplate.parse(target.keyTemplate(), target.keyColumns()).glob();
        this.name = RedisKeys.owner(keys);
    }

    /** Refuses keys that are somebody's own. */
    void requireNone(Jedis jedis, String store) {
        String owner = jedis.get(name);
        if (owner != null) {
            throw refused(store, owner, "'" + name + "'");
        }
    }

    /** Refuses keys that are another one's own, and those that generations take over from each other. */
    void requireOurs(Jedis jedis, String store) {
        String owner = jedis.get(name);
        if (owner != null && !owner.equals(generation.toString())) {
            throw refused(store, owner, "'" + name + "'");
        }
        String said = jedis.get(target.said());
        if (said != null && !said.equals(Integer.toString(generation.number()))) {
            throw refused(store, "generation " + said, "'" + target.said() + "'");
        }
        String model = jedis.hget(RedisKeys.decided(target.said()), RedisKeys.MODEL);
        if (model != null && !model.equals(generation.model())) {
            throw refused(store, model, "'" + target.said() + "' and what is known of it");
        }
    }

    /** From here on the keys are this generation's, unless somebody was faster. */
    void own(Jedis jedis, String store) {
        jedis.set(name, generation.toString(), SetParams.setParams().nx());
        requireOurs(jedis, store);
    }

    private TidemarkException refused(String store, String whose, String saidBy) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "The keys " + keys + " in Redis at " + store + " are " + whose + "'s, and " + generation
                        + " was to be written there: choose another key, or delete what is there and " + saidBy);
    }
}
