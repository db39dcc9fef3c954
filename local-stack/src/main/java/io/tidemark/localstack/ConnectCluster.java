package io.tidemark.localstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Distributed workers of Kafka Connect on this machine, which share their connectors' tasks. */
public final class ConnectCluster implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final StackDirectory directory;
    private final List<ConnectWorker> workers;

    private ConnectCluster(StackDirectory directory, List<ConnectWorker> workers) {
        this.directory = directory;
        this.workers = List.copyOf(workers);
    }

    /** Starts all workers; returns when all answer. */
    public static ConnectCluster start(ConnectPlan plan) {
        Path jars = ServerFiles.locate().connect();
        StackDirectory directory = StackDirectory.open(Optional.empty());
        List<ConnectWorker> workers = IntStream.rangeClosed(1, plan.workers())
                .mapToObj(id -> new ConnectWorker(site(directory, id), plan, jars))
                .toList();
        ConnectCluster cluster = new ConnectCluster(directory, workers);
        try {
            // The first makes the topics; several that make them at once wait for each other.
            workers.get(0).start();
            Together.run(workers.subList(1, workers.size()), ConnectWorker::start);
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static Site site(StackDirectory directory, int id) {
        return new Site(ServerKind.KAFKA, "connect-" + id, directory.path(), Account.ours(), Map.of(), false, PATIENCE);
    }

    public List<ConnectWorker> workers() {
        return workers;
    }

    /** The REST interface of a worker that runs; any of them answers for the cluster. */
    public String url() {
        return workers.stream()
                .filter(ConnectWorker::isAlive)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No worker of the Connect cluster runs"))
                .url();
    }

    /**
     * What {@code connect-plugin-path list} says of a directory of plugins.
     *
     * @throws LocalStackException FAILED when it fails
     */
    public static String listPlugins(Path plugins) {
        Path jars = ServerFiles.locate().connect();
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        List<String> command = new ArrayList<>(ConnectWorker.java(jars, temporary));
        command.addAll(List.of("org.apache.kafka.tools.ConnectPluginPath", "list", "--plugin-path"));
        command.add(plugins.toAbsolutePath().toString());
        return Command.output(command.toArray(String[]::new));
    }

    @Override
    public void close() {
        try (directory) {
            Together.run(workers, Server::kill);
        }
    }
}
