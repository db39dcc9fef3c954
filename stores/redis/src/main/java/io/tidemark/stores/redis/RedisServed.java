package io.tidemark.stores.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.model.store.Generation;
import io.tidemark.model.store.ServedGeneration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Gives readers of literal keys another generation. First the server is told which one has the keys from now on, and with
 * that every writer is, in the script that writes. Then each key is taken over, in a script of its own: what the one before
 * has there goes aside, what this one has aside comes in. A key that only the one before had is gone then. Readers of one
 * key see the one or the other, whole; of several keys, for as long as that takes, some of the one and some of the other.
 */
public final class RedisServed implements ServedGeneration {

    private static final Script WRITE = Script.load(RedisWriter.DOCUMENT, "write.lua");
    private static final Script SERVE = Script.load("serve.lua");
    private static final Script TAKEN = Script.load("taken.lua");
    private static final Script DROP = Script.load(RedisWriter.DOCUMENT, "drop.lua");
    private static final String TAKE = "take";
    /** What is said beside a generation while it takes keys over. */
    private static final String TAKING = " taking";

    private static final int KEYS_PER_PAGE = 500;

    private final RedisServer server;
    private final RedisTarget target;
    private final KeyTemplate template;
    private final Generation generation;
    private final String tombstonesMs;
    private final RedisOwner owner;

    public RedisServed(RedisSettings settings, RedisTarget target, Generation generation) {
        this.server = new RedisServer(settings);
        this.target = target;
        this.template = KeyTemplate.parse(target.templateOf(generation), target.keyColumns());
        this.generation = generation;
        this.owner = new RedisOwner(target, generation);
        this.tombstonesMs = Long.toString(settings.tombstones().toMillis());
    }

    /** Whether a script can reach every key: the server is no part of a cluster. */
    static boolean isAlone(Jedis jedis) {
        return jedis.info("cluster").lines().noneMatch(line -> line.strip().equals("cluster_enabled:1"));
    }

    /** What a script is given of a document's key. */
    static List<byte[]> keys(String key, Generation generation, String keyTemplate) {
        String aside = RedisKeys.aside(key, generation);
        return bytes(key, RedisKeys.tombstone(key), aside, RedisKeys.tombstone(aside), RedisKeys.serving(keyTemplate));
    }

    private static List<byte[]> bytes(String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    @Override
    public void serve(int decision) {
        boolean alone = server.orFail(jedis -> {
            owner.requireNone(jedis, server.display());
            return isAlone(jedis);
        });
        if (!alone || !isToTake(decision)) {
            return;
        }
        if (target.pointed()) {
            return;
        }
        server.orFail(jedis -> jedis.scriptLoad(WRITE.source()));
        each(asideGlob(), key -> RedisKeys.served(key, generation), this::take);
        each(template.glob(), key -> key, keys -> take(documents(keys)));
        server.orFail(jedis -> jedis.eval(
                TAKEN.source(),
                List.of(target.said(), RedisKeys.decided(target.said())),
                List.of(number(), Integer.toString(decision), generation.lineage(), generation.model(), TAKING)));
    }

    private String number() {
        return Integer.toString(generation.number());
    }

    /**
     * From here on it has the keys, unless a later decision gave them to another one. Of keys that are only invalidated it
     * has to invalidate all once more: what the one before it did not look at may have changed.
     */
    private boolean isToTake(int decision) {
        return server.orFail(jedis -> Objects.equals(
                1L,
                jedis.eval(
                        SERVE.source(),
                        List.of(target.said(), RedisKeys.decided(target.said()), RedisKeys.bookkeeping(generation)),
                        List.of(
                                number(),
                                Integer.toString(decision),
                                generation.lineage(),
                                generation.model(),
                                target.form().lowerCase(),
                                target.pointed() ? "" : TAKING))));
    }

    /** Not as long as it has not taken over all keys, nor while they are said to be another model's. In a cluster there is none. */
    @Override
    public boolean isServed() {
        return server.orFail(jedis -> !isAlone(jedis) || (number().equals(jedis.get(target.said())) && isOurs(jedis)));
    }

    /**
     * Those that hold a document of this template, in whatever form another generation had: a key of another model may look
     * like one.
     */
    private List<String> documents(List<String> keys) {
        List<Optional<StoredValue>> strings = server.orFail(jedis -> new StoredForm.JsonString().read(jedis, keys));
        List<Optional<StoredValue>> hashes = server.orFail(jedis -> new StoredForm.Hash(List.of()).read(jedis, keys));
        return IntStream.range(0, keys.size())
                .filter(i -> strings.get(i)
                        .or(() -> hashes.get(i))
                        .flatMap(StoredValue::key)
                        .filter(key -> template.makes(keys.get(i), key))
                        .isPresent())
                .mapToObj(keys::get)
                .toList();
    }

    private String asideGlob() {
        return RedisKeys.asidePrefix(generation) + "*";
    }

    private void take(List<String> keys) {
        run(WRITE, TAKE, keys, key -> keys(key, generation, target.keyTemplate()));
    }

    /** What is this generation's under the keys that readers ask for. */
    private void erase(List<String> keys) {
        server.orFail(jedis -> jedis.scriptLoad(DROP.source()));
        run(DROP, "0", keys, key -> bytes(key, RedisKeys.tombstone(key)));
    }

    private void run(Script script, String position, List<String> keys, Function<String, List<byte[]>> names) {
        List<byte[]> arguments =
                bytes(position, number(), tombstonesMs, target.form().lowerCase(), "0");
        server.orFail(jedis -> {
            Pipeline pipeline = jedis.pipelined();
            List<Response<Object>> answers = keys.stream()
                    .map(key -> pipeline.evalsha(script.sha1().getBytes(UTF_8), names.apply(key), arguments))
                    .toList();
            pipeline.sync();
            return answers.stream().map(Response::get).toList();
        });
    }

    /** Works on every key of a pattern that the template makes, some at a time. */
    private void each(String glob, UnaryOperator<String> served, Consumer<List<String>> work) {
        ScanParams parameters = new ScanParams().match(glob).count(KEYS_PER_PAGE);
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            String from = cursor;
            ScanResult<String> page = server.orFail(jedis -> jedis.scan(from, parameters));
            List<String> keys = page.getResult().stream()
                    .map(served)
                    .filter(key -> !key.startsWith(RedisKeys.OURS)
                            && template.guess(key).isPresent())
                    .toList();
            if (!keys.isEmpty()) {
                work.accept(keys);
            }
            cursor = page.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    }

    /** Keys that another model has been given since are that one's, also under the same number. */
    @Override
    public void drop() {
        if (server.orFail(this::isOurs)) {
            each(template.glob(), key -> key, keys -> erase(documents(keys)));
        }
        each(
                asideGlob(),
                key -> RedisKeys.served(key, generation),
                keys -> server.orFail(jedis -> jedis.unlink(keys.stream()
                        .map(key -> RedisKeys.aside(key, generation))
                        .toArray(String[]::new))));
        server.orFail(jedis -> {
            if (isOurs(jedis) && isSaid(jedis)) {
                // Nobody else is given under this name.
                jedis.del(target.said(), RedisKeys.decided(target.said()));
            }
            return jedis.del(RedisKeys.bookkeeping(generation));
        });
    }

    private boolean isOurs(Jedis jedis) {
        String model = jedis.hget(RedisKeys.decided(target.said()), RedisKeys.MODEL);
        return model == null || model.equals(generation.model());
    }

    /** Whether it has the keys, or was taking them over. */
    private boolean isSaid(Jedis jedis) {
        String said = jedis.get(target.said());
        return said != null && said.split(" ", 2)[0].equals(number());
    }

    @Override
    public void close() {
        server.close();
    }
}
