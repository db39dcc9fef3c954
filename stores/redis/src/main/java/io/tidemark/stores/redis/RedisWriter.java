package io.tidemark.stores.redis;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.DocumentBody;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.Generation;
import io.tidemark.model.store.GracePeriod;
import io.tidemark.model.store.NewestPerKey;
import io.tidemark.model.store.WriteOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.params.SetParams;

/**
 * Writes documents under literal keys, as JSON strings or as hashes, by compare-and-set on the server; or deletes what
 * somebody else keeps under the keys of documents that changed.
 *
 * <p>The version is the position: a key has one content per position. The keys are those of every generation, which
 * take them over one by one: a newer generation's write wins over an older one's whatever the positions, and an older
 * one's is stale. Once readers were given another generation than the first, the server says which one has the keys, and
 * all others are kept aside. A string without Tidemark's version is somebody else's and is replaced; a key of another type is
 * refused.
 *
 * <p>Redis may lose what it acknowledged, by FLUSHALL, in a restart or a failover. After each write it is asked whether
 * it knows the writes before; one that does not makes the writer refuse (DATA_LOSS).
 */
public final class RedisWriter implements DocumentWriter {

    /** What the scripts about documents begin with. */
    static final String DOCUMENT = "document.lua";

    private static final Script WRITE = Script.load(DOCUMENT, "write.lua");
    private static final int PIPELINE_DOCUMENTS = 5_000;
    private static final int PIPELINE_BYTES = 4 << 20;

    /** One document's command: what is written is empty to delete. */
    private record Command(String key, long position, List<byte[]> written) {

        long bytes() {
            return written.stream().mapToLong(part -> part.length).sum();
        }
    }

    private final RedisServer server;
    private final RedisTarget target;
    private final KeyTemplate template;
    private final StoredForm form;
    private final Generation generation;
    private final int partitions;
    private final GracePeriod grace = new GracePeriod();
    private final RedisBookkeeping bookkeeping;
    private final Duration tombstones;
    private final byte[] script = utf8(WRITE.sha1());
    /** Of the script's arguments those that every document has. */
    private final List<byte[]> settings;

    private final IntSupplier live;
    private final RedisOwner owner;
    private final boolean owns;
    /** Whether scripts look who has the keys: the server is none of several, of which a script can reach one only. */
    private boolean alone;

    private final WriteCount count = new WriteCount();
    private final Map<Integer, TidemarkRef> claimed = new HashMap<>();

    /**
     * Prepares a writer.
     *
     * @param partitions of the generation's input
     */
    public RedisWriter(RedisSettings settings, RedisTarget target, Generation generation, int partitions) {
        this(settings, target, generation, partitions, generation::number);
    }

    /**
     * Prepares a writer of a generation that readers may not be given yet.
     *
     * @param live number of the generation that readers are given, where the server does not say it
     */
    public RedisWriter(
            RedisSettings settings, RedisTarget target, Generation generation, int partitions, IntSupplier live) {
        this(settings, target, generation, partitions, live, false);
    }

    private RedisWriter(
            RedisSettings settings,
            RedisTarget target,
            Generation generation,
            int partitions,
            IntSupplier live,
            boolean owns) {
        this.live = live;
        this.owns = owns;
        this.owner = new RedisOwner(target, generation);
        this.server = new RedisServer(settings);
        this.target = target;
        this.template = KeyTemplate.parse(target.templateOf(generation), target.keyColumns());
        this.form = StoredForm.of(target);
        this.generation = generation;
        this.partitions = partitions;
        this.bookkeeping = new RedisBookkeeping(generation);
        this.tombstones = settings.tombstones();
        this.settings = scriptSettings(target, generation, tombstones);
    }

    /**
     * Prepares a writer of keys that are to be this generation's for good: no promotion takes them over, and nobody else
     * writes them. It is refused where somebody does.
     */
    public static RedisWriter ofOwner(
            RedisSettings settings, RedisTarget target, Generation generation, int partitions) {
        return new RedisWriter(settings, target, generation, partitions, generation::number, true);
    }

    /** The arguments of both scripts that follow the position. */
    static List<byte[]> scriptSettings(RedisTarget target, Generation generation, Duration tombstones) {
        Duration ttl = target.ttl();
        return List.of(
                utf8(Integer.toString(generation.number())),
                utf8(Long.toString(tombstones.toMillis())),
                utf8(target.form().lowerCase()),
                utf8(Long.toString(ttl == null ? 0 : ttl.toMillis())));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void open() {
        server.orFail(jedis -> {
            alone = requireFit(RedisServed.isAlone(jedis)) && !target.pointed();
            requireKeys(jedis);
            bookkeeping.begin(jedis, server.display(), target, partitions, count);
            sayWhatIsLive(jedis, live.getAsInt());
            takeKeys(jedis);
            return jedis.scriptLoad(WRITE.source());
        });
        claimed.clear();
        grace.begin(tombstones);
    }

    private void requireKeys(Jedis jedis) {
        if (owns) {
            owner.requireOurs(jedis, server.display());
        } else {
            owner.requireNone(jedis, server.display());
        }
    }

    /** Once more for both: an owner and a generation may have begun at the same time. */
    private void takeKeys(Jedis jedis) {
        if (owns) {
            owner.own(jedis, server.display());
        } else {
            owner.requireNone(jedis, server.display());
        }
    }

    /** Whichever generation opens first after the server was emptied: no other one is to get the keys by that. */
    private void sayWhatIsLive(Jedis jedis, int number) {
        boolean says = alone || (target.pointed() && number == generation.number());
        SetParams first = SetParams.setParams().nx();
        if (says && jedis.set(target.said(), Integer.toString(number), first) != null) {
            jedis.hsetnx(RedisKeys.decided(target.said()), RedisKeys.MODEL, generation.model());
        }
    }

    private boolean requireFit(boolean one) {
        if (!one && !owns && generation.number() > 1) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Redis at " + server.display() + " is a cluster, where " + generation
                            + " cannot be built beside the one before: its keys could not be taken over, fenced");
        }
        return one;
    }

    @Override
    public List<AppliedTidemark> claims() {
        List<AppliedTidemark> claims = server.orFail(jedis -> bookkeeping.claims(jedis, count));
        claimed.clear();
        claims.forEach(claim -> claimed.put(claim.partition(), claim.tidemark()));
        return claims;
    }

    @Override
    public void forget(Set<Integer> partitions) {
        server.orFail(jedis -> {
            bookkeeping.forget(jedis, partitions);
            return partitions;
        });
        claimed.keySet().removeAll(partitions);
    }

    @Override
    public void rejoin() {
        grace.confirm();
    }

    @Override
    public List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims) {
        grace.require(generation.toString());
        NewestPerKey newest = NewestPerKey.of(batch);
        try {
            List<WriteOutcome> outcomes = server.use(jedis -> send(jedis, newest.documents()));
            boolean settled = outcomes.stream().allMatch(WriteOutcome::settled);
            confirm(settled ? claims : List.of());
            return newest.spread(outcomes);
        } catch (JedisException e) {
            if (batch.isEmpty()) {
                throw server.failure(e);
            }
            String cause = String.valueOf(server.failure(e).getMessage());
            return Collections.nCopies(batch.size(), new WriteOutcome.Retriable(cause));
        }
    }

    private void confirm(List<AppliedTidemark> claims) {
        if (!server.use(jedis -> bookkeeping.confirm(jedis, count, claims, claimed))) {
            throw lost();
        }
        claims.forEach(claim -> claimed.merge(
                claim.partition(), claim.tidemark(), (before, now) -> now.isAtLeast(before) ? now : before));
    }

    private TidemarkException lost() {
        return new TidemarkException(
                ErrorCode.DATA_LOSS,
                "Redis at " + server.display() + " does not hold any more what was written of " + generation
                        + ": it was emptied, or lost writes in a restart or a failover. What it lost must be filled again");
    }

    private List<WriteOutcome> send(Jedis jedis, List<Document> documents) {
        List<WriteOutcome> outcomes = new ArrayList<>(documents.size());
        List<Command> commands = new ArrayList<>();
        long bytes = 0;
        for (Document document : documents) {
            Command command = command(document);
            commands.add(command);
            bytes += command.bytes();
            if (commands.size() == PIPELINE_DOCUMENTS || bytes > PIPELINE_BYTES) {
                outcomes.addAll(pipeline(jedis, commands));
                commands.clear();
                bytes = 0;
            }
        }
        outcomes.addAll(pipeline(jedis, commands));
        return outcomes;
    }

    private Command command(Document document) {
        DocumentBody body = document.content();
        List<byte[]> written =
                body == null ? List.of() : form.encode(document.key(), document.version(), generation.number(), body);
        return new Command(template.keyOf(document.key()), document.version().position(), written);
    }

    private List<WriteOutcome> pipeline(Jedis jedis, List<Command> commands) {
        try {
            return pipelineOnce(jedis, commands);
        } catch (JedisNoScriptException forgotten) {
            // The server was restarted or its scripts were flushed. What was written already is stale now.
            jedis.scriptLoad(WRITE.source());
            return pipelineOnce(jedis, commands);
        }
    }

    private List<WriteOutcome> pipelineOnce(Jedis jedis, List<Command> commands) {
        grace.require(generation.toString());
        List<Response<Object>> responses = new ArrayList<>(commands.size());
        Pipeline pipeline = jedis.pipelined();
        for (Command command : commands) {
            responses.add(append(pipeline, command));
        }
        pipeline.sync();
        return responses.stream().map(this::outcome).toList();
    }

    private Response<Object> append(Pipeline pipeline, Command command) {
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(utf8(Long.toString(command.position())));
        arguments.addAll(settings);
        arguments.addAll(command.written());
        return pipeline.evalsha(script, keys(command.key()), arguments);
    }

    private List<byte[]> keys(String key) {
        return alone
                ? RedisServed.keys(key, generation, target.keyTemplate())
                : List.of(utf8(key), utf8(RedisKeys.tombstone(key)));
    }

    private WriteOutcome outcome(Response<Object> response) {
        try {
            if (Long.valueOf(-1).equals(response.get())) {
                throw lost();
            }
            return Long.valueOf(1).equals(response.get()) ? WriteOutcome.applied() : WriteOutcome.stale();
        } catch (JedisNoScriptException e) {
            throw e;
        } catch (JedisDataException e) {
            return RedisServer.outcome(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
