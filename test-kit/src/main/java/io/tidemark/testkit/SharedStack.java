package io.tidemark.testkit;

import io.tidemark.localstack.ElasticsearchServer;
import io.tidemark.localstack.KafkaCluster;
import io.tidemark.localstack.LocalStack;
import io.tidemark.localstack.PostgresServer;
import io.tidemark.localstack.RedisServer;
import io.tidemark.localstack.Server;
import io.tidemark.localstack.ServerKind;
import io.tidemark.localstack.StackPlan;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One server of each kind for all tests of this JVM, started when first asked for and stopped when the JVM ends.
 * A server some test killed is started again for the next that asks; one that a test paused, that test resumes.
 */
public final class SharedStack {

    private static final Map<ServerKind, LocalStack> STACKS = new ConcurrentHashMap<>();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(SharedStack::close, "shared-stack-close"));
    }

    private SharedStack() {}

    public static PostgresServer postgres() {
        return stack(ServerKind.POSTGRES).postgres();
    }

    public static KafkaCluster kafka() {
        return stack(ServerKind.KAFKA).kafka();
    }

    public static ElasticsearchServer elasticsearch() {
        return stack(ServerKind.ELASTICSEARCH).elasticsearch();
    }

    public static RedisServer redis() {
        return stack(ServerKind.REDIS).redis();
    }

    /** Creates an empty database of its own for the caller and returns its JDBC URL. */
    public static String freshDatabase() {
        return postgres().createDatabase("test_" + DATABASES.incrementAndGet());
    }

    private static LocalStack stack(ServerKind kind) {
        LocalStack stack = STACKS.computeIfAbsent(kind, wanted -> LocalStack.start(StackPlan.of(wanted)));
        stack.servers().forEach(SharedStack::revive);
        return stack;
    }

    private static void revive(Server server) {
        synchronized (server) {
            if (!server.isAlive()) {
                server.restart();
            }
        }
    }

    private static void close() {
        STACKS.values().forEach(LocalStack::close);
    }
}
