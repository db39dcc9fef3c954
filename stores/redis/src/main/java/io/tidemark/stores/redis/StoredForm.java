package io.tidemark.stores.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.model.RowKey;
import io.tidemark.model.Version;
import io.tidemark.model.store.DocumentBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/** How documents are put under their keys, and read back. */
interface StoredForm {

    static StoredForm of(RedisTarget target) {
        return switch (target.form()) {
            case JSON -> new JsonString();
            case HASH -> new Hash(target.entries());
            case INVALIDATE -> new Nothing();
        };
    }

    /** What the script writes, in UTF-8; empty to delete. */
    List<byte[]> encode(RowKey key, Version version, int generation, DocumentBody body);

    /** What is under each of these keys; empty where nothing is, or something of another type. */
    List<Optional<StoredValue>> read(Jedis jedis, List<String> redisKeys);

    /** A string. */
    record JsonString() implements StoredForm {

        @Override
        public List<byte[]> encode(RowKey key, Version version, int generation, DocumentBody body) {
            return List.of(StoredValue.encode(key, version, generation, body));
        }

        @Override
        public List<Optional<StoredValue>> read(Jedis jedis, List<String> redisKeys) {
            byte[][] keys = redisKeys.stream().map(key -> key.getBytes(UTF_8)).toArray(byte[][]::new);
            List<Optional<StoredValue>> values = new ArrayList<>();
            for (byte[] value : jedis.mget(keys)) {
                values.add(Optional.ofNullable(value).map(StoredValue::decode));
            }
            return values;
        }
    }

    /** A hash. */
    record Hash(List<String> entries) implements StoredForm {

        @Override
        public List<byte[]> encode(RowKey key, Version version, int generation, DocumentBody body) {
            return HashFields.encode(key, version, generation, body.tree()).stream()
                    .map(text -> text.getBytes(UTF_8))
                    .toList();
        }

        @Override
        public List<Optional<StoredValue>> read(Jedis jedis, List<String> redisKeys) {
            Pipeline pipeline = jedis.pipelined();
            List<Response<Map<String, String>>> responses =
                    redisKeys.stream().map(pipeline::hgetAll).toList();
            pipeline.sync();
            return responses.stream().map(this::value).toList();
        }

        private Optional<StoredValue> value(Response<Map<String, String>> response) {
            try {
                Map<String, String> fields = response.get();
                return fields.isEmpty() ? Optional.empty() : Optional.of(HashFields.decode(fields, entries));
            } catch (JedisDataException e) {
                if (String.valueOf(e.getMessage()).startsWith("WRONGTYPE")) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }

    /** No document: a change deletes what somebody else keeps there. */
    record Nothing() implements StoredForm {

        @Override
        public List<byte[]> encode(RowKey key, Version version, int generation, DocumentBody body) {
            return List.of();
        }

        @Override
        public List<Optional<StoredValue>> read(Jedis jedis, List<String> redisKeys) {
            return redisKeys.stream().map(key -> Optional.<StoredValue>empty()).toList();
        }
    }
}
