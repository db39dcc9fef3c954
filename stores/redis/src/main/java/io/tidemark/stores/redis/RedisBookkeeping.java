package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;

/**
 * A generation's hash: {@code lineage}, {@code partitions}, {@code form}, {@code ttl}, and {@code 0}, {@code 1}, ... with
 * their tidemarks.
 */
final class RedisBookkeeping {

    private static final String LINEAGE = "lineage";
    private static final String PARTITIONS = "partitions";
    /** What documents are; missing where an earlier build began, which knew strings only. */
    private static final String FORM = "form";
    /** There when documents were ever written to expire. */
    private static final String TTL = "ttl";

    private static final Script CONFIRM = Script.load("confirm.lua");

    private final Generation generation;
    private final String key;

    RedisBookkeeping(Generation generation) {
        this.generation = generation;
        this.key = RedisKeys.bookkeeping(generation);
    }

    void begin(Jedis jedis, String store, RedisTarget target, int partitions, WriteCount count) {
        String form = target.form().lowerCase();
        // Before the lineage, so that who finds that finds this, too.
        if (!jedis.hexists(key, LINEAGE)) {
            jedis.hsetnx(key, FORM, form);
        }
        jedis.hsetnx(key, LINEAGE, generation.lineage());
        jedis.hsetnx(key, PARTITIONS, Integer.toString(partitions));
        List<String> begun = jedis.hmget(key, LINEAGE, PARTITIONS);
        generation.requireSame(store, begun.get(0), Integer.parseInt(begun.get(1)), partitions);
        requireForm(jedis, store, target);
        count(jedis, count);
    }

    /** Begins to count. */
    private void count(Jedis jedis, WriteCount count) {
        String copy = RedisKeys.writes(generation, count.writer());
        jedis.set(copy, count.begin(), SetParams.setParams().px(WriteCount.KEPT_MS));
    }

    private void requireForm(Jedis jedis, String store, RedisTarget target) {
        String begun = Objects.requireNonNullElse(jedis.hget(key, FORM), RedisTarget.Form.JSON.lowerCase());
        if (!begun.equals(target.form().lowerCase())) {
            throw otherwise(
                    store,
                    "was begun as form: " + begun + ", not " + target.form().lowerCase());
        }
        Duration ttl = target.ttl();
        if (ttl != null) {
            jedis.hset(key, TTL, ttl.toString());
        } else if (jedis.hexists(key, TTL)) {
            throw otherwise(store, "had a ttl, and what was written with it will still expire");
        }
    }

    private TidemarkException otherwise(String store, String what) {
        return new TidemarkException(
                ErrorCode.CONFIGURATION,
                "The read model " + generation + " in Redis at " + store + " " + what
                        + ": give the model a new name and a new key, or undo the change");
    }

    /**
     * Confirms what the writer wrote so far, and saves claims.
     *
     * @param known the claims that the server must have, by partition
     * @return false when the server does not know all that was confirmed before: it was emptied, or lost its newest
     *     writes in a restart or a failover. Then all claims are forgotten. False, too, when it does not have such a claim
     */
    boolean confirm(Jedis jedis, WriteCount count, List<AppliedTidemark> claims, Map<Integer, TidemarkRef> known) {
        List<String> arguments = new ArrayList<>(count.next());
        for (AppliedTidemark claim : claims) {
            arguments.add(Integer.toString(claim.partition()));
            arguments.add(Long.toString(claim.tidemark().number()));
            arguments.add(claim.tidemark().toString());
            TidemarkRef before = known.get(claim.partition());
            arguments.add(before == null ? "" : Long.toString(before.number()));
        }
        List<String> keys = List.of(key, RedisKeys.writes(generation, count.writer()));
        boolean there = Long.valueOf(1).equals(jedis.eval(CONFIRM.source(), keys, arguments));
        if (there) {
            count.confirmed();
        }
        return there;
    }

    /**
     * The claims, from which on the writer's count begins anew: what the server lost before, or forgot of a writer that was
     * silent for long, shows in the claims.
     */
    List<AppliedTidemark> claims(Jedis jedis, WriteCount count) {
        count(jedis, count);
        return claims(jedis.hgetAll(key));
    }

    /** @param partitions at least one */
    void forget(Jedis jedis, Set<Integer> partitions) {
        jedis.hdel(key, partitions.stream().map(String::valueOf).toArray(String[]::new));
    }

    Optional<TidemarkRef> appliedTidemark(Jedis jedis) {
        Map<String, String> fields = jedis.hgetAll(key);
        String partitions = fields.get(PARTITIONS);
        if (partitions == null) {
            return Optional.empty();
        }
        return AppliedTidemark.ofGeneration(claims(fields), Integer.parseInt(partitions));
    }

    private static List<AppliedTidemark> claims(Map<String, String> fields) {
        return fields.entrySet().stream()
                .filter(field -> Character.isDigit(field.getKey().charAt(0)))
                .map(field ->
                        new AppliedTidemark(Integer.parseInt(field.getKey()), TidemarkRef.parse(field.getValue())))
                .toList();
    }
}
