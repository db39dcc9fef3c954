package io.tidemark.stores.redis;

import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.Jedis;

/** A generation's hash: {@code lineage}, {@code partitions}, and {@code 0}, {@code 1}, ... with their tidemarks. */
final class RedisBookkeeping {

    private static final String LINEAGE = "lineage";
    private static final String PARTITIONS = "partitions";
    private static final Script CLAIM = Script.load("claim.lua");

    private final Generation generation;
    private final String key;

    RedisBookkeeping(Generation generation) {
        this.generation = generation;
        this.key = RedisKeys.bookkeeping(generation);
    }

    void begin(Jedis jedis, String store, int partitions) {
        jedis.hsetnx(key, LINEAGE, generation.lineage());
        jedis.hsetnx(key, PARTITIONS, Integer.toString(partitions));
        List<String> begun = jedis.hmget(key, LINEAGE, PARTITIONS);
        generation.requireSame(store, begun.get(0), Integer.parseInt(begun.get(1)), partitions);
    }

    void save(Jedis jedis, List<AppliedTidemark> claims) {
        if (claims.isEmpty()) {
            return;
        }
        List<String> arguments = new ArrayList<>();
        for (AppliedTidemark claim : claims) {
            arguments.add(Integer.toString(claim.partition()));
            arguments.add(Long.toString(claim.tidemark().number()));
            arguments.add(claim.tidemark().toString());
        }
        jedis.eval(CLAIM.source(), List.of(key), arguments);
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
