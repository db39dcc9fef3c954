package io.tidemark.stores.redis;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;

/** A generation's hash: {@code lineage}, {@code partitions}, and {@code 0}, {@code 1}, ... with their tidemarks. */
final class RedisBookkeeping {

    private static final String LINEAGE = "lineage";
    private static final String PARTITIONS = "partitions";
    private static final Script CONFIRM = Script.load("confirm.lua");

    private final Generation generation;
    private final String key;

    RedisBookkeeping(Generation generation) {
        this.generation = generation;
        this.key = RedisKeys.bookkeeping(generation);
    }

    void begin(Jedis jedis, String store, int partitions, WriteCount count) {
        jedis.hsetnx(key, LINEAGE, generation.lineage());
        jedis.hsetnx(key, PARTITIONS, Integer.toString(partitions));
        List<String> begun = jedis.hmget(key, LINEAGE, PARTITIONS);
        generation.requireSame(store, begun.get(0), Integer.parseInt(begun.get(1)), partitions);
        String copy = RedisKeys.writes(generation, count.writer());
        jedis.set(copy, count.begin(), SetParams.setParams().px(WriteCount.KEPT_MS));
    }

    /**
     * Confirms what the writer wrote so far, and saves claims.
     *
     * @return false when the server does not know all that was confirmed before: it was emptied, or lost its newest
     *     writes in a restart or a failover. Then all claims are forgotten
     */
    boolean confirm(Jedis jedis, WriteCount count, List<AppliedTidemark> claims) {
        List<String> arguments = new ArrayList<>(count.next());
        for (AppliedTidemark claim : claims) {
            arguments.add(Integer.toString(claim.partition()));
            arguments.add(Long.toString(claim.tidemark().number()));
            arguments.add(claim.tidemark().toString());
        }
        List<String> keys = List.of(key, RedisKeys.writes(generation, count.writer()));
        boolean known = Long.valueOf(1).equals(jedis.eval(CONFIRM.source(), keys, arguments));
        if (known) {
            count.confirmed();
        }
        return known;
    }

    Optional<TidemarkRef> appliedTidemark(Jedis jedis) {
        Map<String, String> fields = jedis.hgetAll(key);
        String partitions = fields.get(PARTITIONS);
        if (partitions == null) {
            return Optional.empty();
        }
        List<AppliedTidemark> claims = fields.entrySet().stream()
                .filter(field -> Character.isDigit(field.getKey().charAt(0)))
                .map(field ->
                        new AppliedTidemark(Integer.parseInt(field.getKey()), TidemarkRef.parse(field.getValue())))
                .toList();
        return AppliedTidemark.ofGeneration(claims, Integer.parseInt(partitions));
    }
}
