package io.tidemark.stores.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Reads documents back. A scan is Redis's own: what is there throughout is seen, possibly twice while the server
 * resizes its tables. A value somebody else wrote has position 0; one that is no JSON object has an empty body.
 */
public final class RedisReader implements DocumentReader {

    private static final int KEYS_PER_COMMAND = 500;

    private final RedisServer server;
    private final KeyTemplate template;
    private final Generation generation;
    private final RedisBookkeeping bookkeeping;

    public RedisReader(RedisSettings settings, String keyTemplate, List<String> keyColumns, Generation generation) {
        this.server = new RedisServer(settings);
        this.template = KeyTemplate.parse(keyTemplate, keyColumns);
        this.generation = generation;
        this.bookkeeping = new RedisBookkeeping(generation);
    }

    @Override
    public Optional<TidemarkRef> appliedTidemark() {
        return server.orFail(bookkeeping::appliedTidemark);
    }

    /** The collection is the key template's; its name is not looked at. */
    @Override
    public Map<RowKey, StoredDocument> get(String collection, List<RowKey> keys) {
        Map<RowKey, StoredDocument> found = new HashMap<>();
        for (List<RowKey> some : parts(keys, KEYS_PER_COMMAND)) {
            List<byte[]> values = values(some.stream().map(template::keyOf).toList());
            for (int i = 0; i < some.size(); i++) {
                byte[] value = values.get(i);
                if (value != null) {
                    RowKey key = some.get(i);
                    found.put(key, StoredValue.decode(value).document(key, generation.number()));
                }
            }
        }
        return found;
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        ScanParams parameters = new ScanParams().match(template.glob()).count(Math.min(batchSize, KEYS_PER_COMMAND));
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            String from = cursor;
            ScanResult<String> page = server.orFail(jedis -> jedis.scan(from, parameters));
            for (List<String> keys : parts(page.getResult(), batchSize)) {
                List<StoredDocument> documents = documents(keys);
                if (!documents.isEmpty()) {
                    batches.accept(documents);
                }
            }
            cursor = page.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    }

    private List<StoredDocument> documents(List<String> redisKeys) {
        List<byte[]> values = values(redisKeys);
        List<StoredDocument> documents = new ArrayList<>();
        for (int i = 0; i < redisKeys.size(); i++) {
            byte[] value = values.get(i);
            if (value != null) {
                document(redisKeys.get(i), value).ifPresent(documents::add);
            }
        }
        return documents;
    }

    /** Empty for what the glob matched but the template does not make: another model's key, or one of ours. */
    private Optional<StoredDocument> document(String redisKey, byte[] bytes) {
        if (redisKey.startsWith(RedisKeys.OURS)) {
            return Optional.empty();
        }
        StoredValue value = StoredValue.decode(bytes);
        Optional<RowKey> said = value.key();
        Optional<RowKey> key =
                said.isPresent() ? said.filter(own -> template.makes(redisKey, own)) : template.guess(redisKey);
        return key.map(known -> value.document(known, generation.number()));
    }

    /** Null where nothing, or no string, is stored. */
    private List<byte[]> values(List<String> redisKeys) {
        byte[][] keys = redisKeys.stream().map(key -> key.getBytes(UTF_8)).toArray(byte[][]::new);
        return server.orFail(jedis -> jedis.mget(keys));
    }

    private static <T> List<List<T>> parts(List<T> list, int size) {
        List<List<T>> parts = new ArrayList<>();
        for (int from = 0; from < list.size(); from += size) {
            parts.add(list.subList(from, Math.min(list.size(), from + size)));
        }
        return parts;
    }

    @Override
    public void close() {
        server.close();
    }
}
