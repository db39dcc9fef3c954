package io.tidemark.localstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Real servers on this machine, started together and stopped together.
 * They listen on 127.0.0.1 only, and end with this JVM at the latest, even when that is killed.
 *
 * <pre>{@code
 * try (LocalStack stack = LocalStack.start(StackPlan.of(ServerKind.POSTGRES, ServerKind.KAFKA))) {
 *     stack.postgres().jdbcUrl("postgres");
 *     stack.kafka().bootstrapServers();
 * }
 * }</pre>
 */
public final class LocalStack implements AutoCloseable {

    private final StackPlan plan;
    private final StackDirectory directory;
    private volatile @Nullable PostgresServer postgres;
    private volatile @Nullable KafkaCluster kafka;
    private volatile @Nullable ElasticsearchServer elasticsearch;
    private volatile @Nullable RedisServer redis;
    private boolean closed;

    private LocalStack(StackPlan plan, StackDirectory directory) {
        this.plan = plan;
        this.directory = directory;
    }

    public static LocalStack start(StackPlan plan) {
        return start(plan, ProgressListener.silent());
    }

    /** Starts all servers of the plan in parallel; returns when all answer. When one fails, all are stopped. */
    public static LocalStack start(StackPlan plan, ProgressListener listener) {
        LocalStack stack = new LocalStack(plan, StackDirectory.open(plan.directory()));
        try {
            stack.startAll(listener);
            return stack;
        } catch (RuntimeException e) {
            stack.closeAfter(e);
            throw e;
        }
    }

    /** Where the servers keep data and logs. */
    public Path directory() {
        return directory.path();
    }

    public PostgresServer postgres() {
        return planned(ServerKind.POSTGRES, postgres);
    }

    public KafkaCluster kafka() {
        return planned(ServerKind.KAFKA, kafka);
    }

    public ElasticsearchServer elasticsearch() {
        return planned(ServerKind.ELASTICSEARCH, elasticsearch);
    }

    public RedisServer redis() {
        return planned(ServerKind.REDIS, redis);
    }

    /** All servers, each Kafka broker by itself. */
    public List<Server> servers() {
        List<Server> all = new ArrayList<>();
        addTo(all, postgres);
        addTo(all, elasticsearch);
        addTo(all, redis);
        KafkaCluster cluster = kafka;
        if (cluster != null) {
            all.addAll(cluster.brokers());
        }
        return List.copyOf(all);
    }

    /** Stops all servers; those of a temporary directory are killed, since it is deleted next. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean interrupted = Thread.interrupted(); // what interrupted a start must not cut its clean-up short
        List<Server> all = servers();
        try (directory) {
            if (!all.isEmpty()) {
                Together.run(all, directory.isTemporary() ? Server::kill : Server::stop);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void startAll(ProgressListener listener) {
        long startNanos = System.nanoTime();
        Servers servers = new Servers(plan, directory.path());
        Together.run(List.copyOf(plan.servers()), kind -> {
            listener.progress(kind, ProgressListener.Step.STARTING, since(startNanos));
            start(kind, servers);
            listener.progress(kind, ProgressListener.Step.READY, since(startNanos));
        });
    }

    /** A server is known before it starts, so that it is stopped when its start fails half way. */
    private void start(ServerKind kind, Servers servers) {
        switch (kind) {
            case POSTGRES -> {
                PostgresServer made = servers.postgres();
                postgres = made;
                made.start();
            }
            case KAFKA -> {
                KafkaCluster made = servers.kafka();
                kafka = made;
                made.start();
            }
            case ELASTICSEARCH -> {
                ElasticsearchServer made = servers.elasticsearch();
                elasticsearch = made;
                made.start();
            }
            case REDIS -> {
                RedisServer made = servers.redis();
                redis = made;
                made.start();
            }
        }
    }

    private void closeAfter(RuntimeException failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    private static void addTo(List<Server> all, @Nullable Server server) {
        if (server != null) {
            all.add(server);
        }
    }

    private static <T> T planned(ServerKind kind, @Nullable T server) {
        if (server == null) {
            throw new IllegalStateException(
                    kind.title() + " is not in this stack's plan: name it when the stack is started");
        }
        return server;
    }
}
