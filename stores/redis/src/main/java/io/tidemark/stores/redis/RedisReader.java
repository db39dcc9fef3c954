package io.tidemark.stores.redis;

import io.tidemark.model.RowKey;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.StoredDocument;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Reads documents back. A scan is Redis's own: what is there throughout is seen, possibly twice while the server
 * resizes its tables. A value somebody else wrote has position 0; one that is no JSON object has an empty body.
 */
public final class RedisReader implements DocumentReader {

    private static final int KEYS_PER_COMMAND = 500;

    private final RedisServer server;
    private final RedisTarget target;
    private final KeyTemplate template;
    private final StoredForm form;
    private final Generation generation;
    private final RedisBookkeeping bookkeeping;
    private final long tombstonesMs;

    public RedisReader(RedisSettings settings, RedisTarget target, Generation generation) {
        this.server = new RedisServer(settings);
        this.target = target;
        this.template = KeyTemplate.parse(target.templateOf(generation), target.keyColumns());
        this.form = StoredForm.of(target);
        this.tombstonesMs = settings.tombstones().toMillis();
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
        Places places = places();
        for (List<RowKey> some : parts(keys, KEYS_PER_COMMAND)) {
            List<String> redisKeys = some.stream().map(template::keyOf).toList();
            List<Optional<StoredValue>> values = values(redisKeys, places);
            for (int i = 0; i < some.size(); i++) {
                RowKey key = some.get(i);
                values.get(i).ifPresent(value -> found.put(key, value.document(key, generation.number())));
            }
        }
        return found;
    }

    /** Where the documents of this generation are. */
    private enum Places {
        /** Under their keys; no other generation has these. */
        KEYS,
        /** Under their keys, but for those that are not taken over yet. */
        KEYS_FIRST,
        /** Aside, but for those that no other generation has taken over yet. */
        ASIDE_FIRST
    }

    private Places places() {
        if (target.pointed()) {
            return Places.KEYS;
        }
        String serving = server.orFail(jedis -> jedis.get(RedisKeys.serving(target.keyTemplate())));
        String ours = Integer.toString(generation.number());
        if (serving == null) {
            return generation.number() == 1 ? Places.KEYS : Places.ASIDE_FIRST;
        }
        return serving.split(" ", 2)[0].equals(ours) ? Places.KEYS_FIRST : Places.ASIDE_FIRST;
    }

    private List<Optional<StoredValue>> values(List<String> redisKeys, Places places) {
        List<Optional<StoredValue>> under = values(redisKeys);
        if (places == Places.KEYS) {
            return under;
        }
        List<Optional<StoredValue>> aside = values(
                redisKeys.stream().map(key -> RedisKeys.aside(key, generation)).toList());
        List<Optional<StoredValue>> chosen = new ArrayList<>();
        for (int i = 0; i < redisKeys.size(); i++) {
            Optional<StoredValue> ours = under.get(i).filter(value -> value.generation() == generation.number());
            Optional<StoredValue> others = places == Places.KEYS_FIRST ? under.get(i) : Optional.empty();
            chosen.add(
                    places == Places.KEYS_FIRST
                            ? firstOf(ours, aside.get(i), others)
                            : firstOf(aside.get(i), ours, others));
        }
        return chosen;
    }

    private static Optional<StoredValue> firstOf(
            Optional<StoredValue> first, Optional<StoredValue> second, Optional<StoredValue> third) {
        return first.or(() -> second).or(() -> third);
    }

    /**
     * Of a target whose documents expire: what is remembered longer than a delete still has a document to live, which
     * somebody else took away; what Tidemark deleted did not expire. What is not remembered expired long ago, or never was
     * there: nobody can tell.
     */
    @Override
    public Set<RowKey> expired(String collection, List<RowKey> keys) {
        Set<RowKey> expired = new HashSet<>();
        if (target.ttl() == null) {
            return expired;
        }
        for (List<RowKey> some : parts(keys, KEYS_PER_COMMAND)) {
            List<Boolean> may = mayHaveExpired(some);
            for (int i = 0; i < some.size(); i++) {
                if (may.get(i)) {
                    expired.add(some.get(i));
                }
            }
        }
        return expired;
    }

    /** By what each key's marker says, and how long it has to live: a negative time where there is none. */
    private List<Boolean> mayHaveExpired(List<RowKey> keys) {
        boolean aside = places() == Places.ASIDE_FIRST;
        return server.orFail(jedis -> {
            Pipeline pipeline = jedis.pipelined();
            List<String> markers = keys.stream()
                    .map(template::keyOf)
                    .map(key -> RedisKeys.tombstone(aside ? RedisKeys.aside(key, generation) : key))
                    .toList();
            List<Response<Long>> lives = markers.stream().map(pipeline::pttl).toList();
            List<Response<String>> said = markers.stream().map(pipeline::get).toList();
            pipeline.sync();
            return IntStream.range(0, markers.size())
                    .mapToObj(i -> lives.get(i).get() <= tombstonesMs
                            && !String.valueOf(said.get(i).get()).endsWith(RedisKeys.DELETED))
                    .toList();
        });
    }

    @Override
    public void scan(String collection, int batchSize, Consumer<List<StoredDocument>> batches) {
        Places places = places();
        scan(template.glob(), batchSize, key -> key, places, batches);
        if (places != Places.KEYS) {
            String aside = RedisKeys.asidePrefix(generation) + "*";
            scan(aside, batchSize, key -> RedisKeys.served(key, generation), places, batches);
        }
    }

    /** @param served the document's key of a key that was found */
    private void scan(
            String glob,
            int batchSize,
            UnaryOperator<String> served,
            Places places,
            Consumer<List<StoredDocument>> batches) {
        ScanParams parameters = new ScanParams().match(glob).count(Math.min(batchSize, KEYS_PER_COMMAND));
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            String from = cursor;
            ScanResult<String> page = server.orFail(jedis -> jedis.scan(from, parameters));
            List<String> keys = page.getResult().stream().map(served).toList();
            for (List<String> some : parts(keys, batchSize)) {
                List<StoredDocument> documents = documents(some, places);
                if (!documents.isEmpty()) {
                    batches.accept(documents);
                }
            }
            cursor = page.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    }

    private List<StoredDocument> documents(List<String> redisKeys, Places places) {
        List<Optional<StoredValue>> values = values(redisKeys, places);
        List<StoredDocument> documents = new ArrayList<>();
        for (int i = 0; i < redisKeys.size(); i++) {
            String key = redisKeys.get(i);
            values.get(i).flatMap(value -> document(key, value)).ifPresent(documents::add);
        }
        return documents;
    }

    /** Empty for what the glob matched but the template does not make: another model's key, or one of ours. */
    private Optional<StoredDocument> document(String redisKey, StoredValue value) {
        if (redisKey.startsWith(RedisKeys.OURS)) {
            return Optional.empty();
        }
        Optional<RowKey> said = value.key();
        Optional<RowKey> key =
                said.isPresent() ? said.filter(own -> template.makes(redisKey, own)) : template.guess(redisKey);
        return key.map(known -> value.document(known, generation.number()));
    }

    private List<Optional<StoredValue>> values(List<String> redisKeys) {
        return server.orFail(jedis -> form.read(jedis, redisKeys));
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
