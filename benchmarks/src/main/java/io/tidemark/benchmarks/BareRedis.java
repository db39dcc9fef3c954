package io.tidemark.benchmarks;

import io.tidemark.stores.redis.RedisWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * A process that does nothing but send commands, prepared in memory, through one connection, some at a time: Tidemark's
 * guarded script, or plain SET.
 */
final class BareRedis {

    static final String SCRIPT = "script";
    static final String SET = "set";

    private static final byte[] GENERATION = bytes("1");
    private static final byte[] TOMBSTONES_MS = bytes("3600000");
    private static final byte[] FORM = bytes("json");
    private static final byte[] FOR_EVER = bytes("0");

    private static final int VALUE = 5;

    /** Keys and arguments of the script. */
    private record Command(List<byte[]> keys, List<byte[]> arguments) {}

    private BareRedis() {}

    /** Documents, commands in a pipeline, which command, place. */
    public static void main(String[] arguments) throws Exception {
        RedisPlace place = (RedisPlace) Place.of(Arrays.asList(arguments).subList(3, arguments.length));
        List<Command> commands = commands(place, Long.parseLong(arguments[0]));
        int depth = Integer.parseInt(arguments[1]);
        boolean guarded = arguments[2].equals(SCRIPT);
        Stopwatch watch = new Stopwatch();
        try (Jedis jedis = place.connect()) {
            byte[] sha = bytes(jedis.scriptLoad(script()));
            watch.start();
            for (int from = 0; from < commands.size(); from += depth) {
                send(jedis, commands.subList(from, Math.min(from + depth, commands.size())), guarded, sha);
            }
            watch.stop();
        }
        watch.report();
    }

    /** Throws for an answer that is an error. */
    private static void send(Jedis jedis, List<Command> commands, boolean guarded, byte[] sha) {
        List<Object> answers;
        try (Pipeline pipeline = jedis.pipelined()) {
            for (Command command : commands) {
                if (guarded) {
                    pipeline.evalsha(sha, command.keys(), command.arguments());
                } else {
                    pipeline.set(command.keys().get(0), command.arguments().get(VALUE));
                }
            }
            answers = pipeline.syncAndReturnAll();
        }
        for (Object answer : answers) {
            if (answer instanceof RuntimeException refused) {
                throw refused;
            }
        }
    }

    private static List<Command> commands(RedisPlace place, long documents) {
        List<Command> commands = new ArrayList<>();
        for (long id = 1; id <= documents; id++) {
            commands.add(new Command(
                    List.of(bytes(place.key(id)), bytes(place.marker(id))),
                    List.of(
                            bytes(Long.toString(OrderDocuments.version(id).position())),
                            GENERATION,
                            TOMBSTONES_MS,
                            FORM,
                            FOR_EVER,
                            bytes(OrderDocuments.inRedis(id)))));
        }
        return commands;
    }

    /** The one the writer sends. */
    private static String script() throws IOException {
        try (InputStream script = Objects.requireNonNull(RedisWriter.class.getResourceAsStream("write.lua"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
