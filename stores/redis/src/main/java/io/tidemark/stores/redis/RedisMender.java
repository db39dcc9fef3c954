package io.tidemark.stores.redis;

import static io.tidemark.stores.redis.RedisWriter.utf8;

import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.DocumentMender;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.Mend;
import io.tidemark.model.store.MendOutcome;
import io.tidemark.model.store.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Mends documents where their generation has them, by compare-and-set on the server. A key of another type is refused, and a value that
 * says no version is not deleted: others share the keys.
 */
public final class RedisMender implements DocumentMender {

    private static final Script MEND = Script.load(RedisWriter.DOCUMENT, "mend.lua");

    private final RedisServer server;
    private final RedisTarget target;
    private final KeyTemplate template;
    private final StoredForm form;
    private final Generation generation;
    private final List<byte[]> settings;

    public RedisMender(RedisSettings settings, RedisTarget target, Generation generation) {
        this.server = new RedisServer(settings);
        this.target = target;
        this.template = KeyTemplate.parse(target.templateOf(generation), target.keyColumns());
        this.form = StoredForm.of(target);
        this.generation = generation;
        this.settings = RedisWriter.scriptSettings(target, generation, settings.tombstones());
    }

    @Override
    public List<MendOutcome> mend(List<Mend> mends) {
        return server.orFail(jedis -> {
            boolean shared = !target.pointed() && RedisServed.isAlone(jedis);
            return mends.stream().map(mend -> mend(jedis, shared, mend)).toList();
        });
    }

    private MendOutcome mend(Jedis jedis, boolean shared, Mend mend) {
        Document document = mend.document();
        String key = template.keyOf(document.key());
        List<byte[]> keys = shared
                ? RedisServed.keys(key, generation, target.keyTemplate())
                : List.of(utf8(key), utf8(RedisKeys.tombstone(key)));
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(utf8(Long.toString(document.version().position())));
        arguments.addAll(settings);
        arguments.add(utf8(Long.toString(mend.found())));
        DocumentBody body = document.content();
        if (body != null) {
            arguments.addAll(form.encode(document.key(), document.version(), generation.number(), body));
        }
        try {
            return outcome(run(jedis, keys, arguments), key);
        } catch (JedisDataException e) {
            if (RedisServer.outcome(e) instanceof WriteOutcome.Rejected rejected) {
                return new MendOutcome.Refused(rejected.reason());
            }
            throw e;
        }
    }

    private static MendOutcome outcome(Object answer, String key) {
        if (Long.valueOf(1).equals(answer)) {
            return MendOutcome.mended();
        }
        return Long.valueOf(0).equals(answer)
                ? MendOutcome.newer()
                : new MendOutcome.Refused(
                        "What is under key '" + key + "' does not say that Tidemark wrote it, and may be"
                                + " somebody else's: delete it by hand if it is not");
    }

    private static Object run(Jedis jedis, List<byte[]> keys, List<byte[]> arguments) {
        try {
            return jedis.evalsha(utf8(MEND.sha1()), keys, arguments);
        } catch (JedisNoScriptException notYetKnown) {
            return jedis.eval(utf8(MEND.source()), keys, arguments);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
