package io.tidemark.localstack;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Node;

/** One Kafka broker, controller as well; see {@link KafkaCluster}. */
public final class KafkaBroker extends Server {

    private static final int ANSWER_MS = 5_000;

    private final int id;
    private final KafkaPlan plan;
    private final Map<String, Integer> listenerPorts = new TreeMap<>();

    KafkaBroker(Site site, int fixedPort, int id, KafkaPlan plan) {
        super(site, fixedPort);
        this.id = id;
        this.plan = plan;
        plan.listeners().keySet().forEach(name -> listenerPorts.put(name, Ports.free()));
    }

    /** The node id, 1 for the first broker. */
    public int id() {
        return id;
    }

    /** {@code host:port} of this broker alone. */
    public String address() {
        return "127.0.0.1:" + port();
    }

    /** {@code localhost:port} of a listener that the plan adds. */
    String address(String listener) {
        Integer listenerPort = listenerPorts.get(listener);
        if (listenerPort == null) {
            throw new IllegalStateException("The stack's plan has no Kafka listener " + listener);
        }
        return "localhost:" + listenerPort;
    }

    @Override
    void prepare() throws IOException {
        ownDirectory("data");
        ownDirectory("temporary");
        writeConfiguration();
        if (!Files.exists(data().resolve("meta.properties"))) {
            format();
        }
    }

    @Override
    Supervisor.Launch launch() throws IOException {
        writeConfiguration();
        List<String> command = java(plan.jvmOptions().toArray(String[]::new));
        command.addAll(List.of("kafka.Kafka", configuration().toString()));
        return new Supervisor.Launch(site().account(), command, Map.of(), site().directory(), site().log());
    }

    /** A broker answers when it counts itself in. */
    @Override
    Optional<String> complaint() {
        if (Ports.isFree(port())) {
            return Optional.of("it does not listen yet");
        }
        Set<Integer> nodes = nodes();
        return nodes.contains(id) ? Optional.empty() : Optional.of("it knows the brokers " + nodes);
    }

    /** The ids of the brokers this one knows; none while it does not answer. */
    Set<Integer> nodes() {
        Map<String, Object> configuration = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS);
        try (Admin admin = Admin.create(configuration)) {
            return admin.describeCluster().nodes().get(ANSWER_MS, TimeUnit.MILLISECONDS).stream()
                    .map(Node::id)
                    .collect(Collectors.toSet());
        } catch (ExecutionException | TimeoutException e) {
            return Set.of();
        } catch (InterruptedException e) {
            throw Patience.interrupted(e);
        }
    }

    private void format() {
        List<String> command = java("-XX:TieredStopAtLevel=1", "-Xmx128m");
        command.addAll(List.of("kafka.tools.StorageTool", "format", "--cluster-id", plan.clusterId()));
        command.addAll(List.of("--config", configuration().toString(), "--ignore-formatted"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().retainAll(List.of("PATH", "TZ"));
        Command.Result result = Command.run(builder);
        if (result.exitCode() != 0) {
            throw failure(LocalStackException.Reason.FAILED, "cannot make its data directory:\n" + result.text(), null);
        }
    }

    private List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("-Djava.io.tmpdir=" + temporary()); // a killed broker leaves its native libraries there
        command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
        command.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS");
        command.addAll(List.of("-cp", plan.jars().resolve("*").toString()));
        return command;
    }

    private Path data() {
        return site().directory().resolve("data");
    }

    private Path temporary() {
        return site().directory().resolve("temporary");
    }

    private Path configuration() {
        return site().directory().resolve("server.properties");
    }

    private void writeConfiguration() throws IOException {
        Properties properties = new Properties();
        plan.properties(id).forEach(properties::setProperty);
        properties.setProperty("log.dirs", data().toString());
        site().settings().forEach(properties::setProperty);
        String plain = "CLIENTS://" + address();
        properties.setProperty("listeners", plain + ",CONTROLLERS://" + plan.controller(id) + listeners("127.0.0.1"));
        properties.setProperty("advertised.listeners", plain + listeners("localhost"));
        try (Writer writer = Files.newBufferedWriter(configuration())) {
            properties.store(writer, null);
        }
    }

    private String listeners(String host) {
        return listenerPorts.entrySet().stream()
                .map(listener -> "," + listener.getKey() + "://" + host + ":" + listener.getValue())
                .collect(Collectors.joining());
    }
}
