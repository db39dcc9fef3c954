package io.tidemark.localstack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What to start and how.
 *
 * @param servers the servers to start, at least one
 * @param brokers Kafka brokers: 1 or 3, each broker and controller in one
 * @param directory where data is kept; empty for a temporary directory that {@code close()} deletes
 * @param durable whether data must survive a crash of the machine; a crash of a server it survives always, Redis excepted
 * @param peakSpeed whether the JVMs of Kafka and Elasticsearch compile for peak speed, as a benchmark wants; otherwise they
 *     start fast and leave the processors to others
 * @param ports fixed ports; a server not named gets a free one, brokers count upwards from Kafka's
 * @param settings settings by server, in the server's own words, over those the stack chooses
 * @param postgresFiles text by name, put into PostgreSQL's data directory before each start, for its user alone: such as
 *     {@code server.crt} and {@code server.key}, where the setting {@code ssl} looks for them, and {@code pg_hba.conf}
 * @param kafkaListeners protocol by name, such as {@code SASL_SSL}: listeners for clients beside the plain one, which
 *     the stack itself needs. Their certificates and users are settings ({@code listener.name.<name>.…})
 * @param heaps heap sizes of Kafka (each broker) and Elasticsearch, in megabytes
 * @param patience how long a server may take until it answers
 */
public record StackPlan(
        Set<ServerKind> servers,
        int brokers,
        Optional<Path> directory,
        boolean durable,
        boolean peakSpeed,
        Map<ServerKind, Integer> ports,
        Map<ServerKind, Map<String, String>> settings,
        Map<String, String> postgresFiles,
        Map<String, String> kafkaListeners,
        Map<ServerKind, Integer> heaps,
        Duration patience) {

    private static final int DEFAULT_HEAP_MB = 512;

    public StackPlan {
        servers = Collections.unmodifiableSet(EnumSet.copyOf(servers));
        ports = Map.copyOf(ports);
        settings = Map.copyOf(settings);
        postgresFiles = Map.copyOf(postgresFiles);
        kafkaListeners = Map.copyOf(kafkaListeners);
        heaps = Map.copyOf(heaps);
        if (brokers != 1 && brokers != 3) {
            throw new IllegalArgumentException("A local Kafka has 1 or 3 brokers, not " + brokers);
        }
        ports.forEach(StackPlan::requirePort);
        heaps.forEach(StackPlan::requireHeap);
    }

    /** The given servers in a temporary directory, everything else as it comes. */
    public static StackPlan of(ServerKind first, ServerKind... others) {
        return builder(first, others).build();
    }

    public static Builder builder(ServerKind first, ServerKind... others) {
        return new Builder(EnumSet.of(first, others));
    }

    int portOr(ServerKind server, int otherwise) {
        return ports.getOrDefault(server, otherwise);
    }

    Map<String, String> settingsOf(ServerKind server) {
        return settings.getOrDefault(server, Map.of());
    }

    /** Options of a server's JVM: its heap, and how eagerly it compiles. */
    List<String> jvmOptions(ServerKind server) {
        int megabytes = heaps.getOrDefault(server, DEFAULT_HEAP_MB);
        List<String> heap = List.of("-Xms" + megabytes + "m", "-Xmx" + megabytes + "m");
        return peakSpeed ? heap : List.of(heap.get(0), heap.get(1), "-XX:TieredStopAtLevel=1");
    }

    private static void requirePort(ServerKind server, int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(port + " is no port for " + server.title() + ": give 1 to 65535");
        }
    }

    private static void requireHeap(ServerKind server, int megabytes) {
        if (megabytes < 128) {
            throw new IllegalArgumentException(
                    server.title() + " needs a heap of 128 megabytes or more, not " + megabytes);
        }
    }

    /** Collects a plan. */
    public static final class Builder {

        private final EnumSet<ServerKind> servers;
        private final Map<ServerKind, Integer> ports = new EnumMap<>(ServerKind.class);
        private final Map<ServerKind, Map<String, String>> settings = new EnumMap<>(ServerKind.class);
        private final Map<String, String> postgresFiles = new LinkedHashMap<>();
        private final Map<String, String> kafkaListeners = new LinkedHashMap<>();
        private final Map<ServerKind, Integer> heaps = new EnumMap<>(ServerKind.class);
        private int brokers = 1;
        private Optional<Path> directory = Optional.empty();
        private Optional<Boolean> durable = Optional.empty();
        private boolean peakSpeed;
        private Duration patience = Duration.ofSeconds(90);

        private Builder(EnumSet<ServerKind> servers) {
            this.servers = servers;
        }

        public Builder brokers(int count) {
            brokers = count;
            return this;
        }

        /** Keeps the data in this directory, which is made if missing and never deleted. */
        public Builder directory(Path path) {
            directory = Optional.of(path);
            return this;
        }

        /** Unless said, a named directory is durable and a temporary one is not. */
        public Builder durable(boolean value) {
            durable = Optional.of(value);
            return this;
        }

        public Builder peakSpeed(boolean value) {
            peakSpeed = value;
            return this;
        }

        public Builder port(ServerKind server, int port) {
            ports.put(server, port);
            return this;
        }

        public Builder setting(ServerKind server, String name, String value) {
            settings.computeIfAbsent(server, any -> new LinkedHashMap<>()).put(name, value);
            return this;
        }

        /** Puts a file into PostgreSQL's data directory. */
        public Builder postgresFile(String name, String text) {
            postgresFiles.put(name, text);
            return this;
        }

        /** Adds a listener to each Kafka broker, at a free port; see {@link KafkaCluster#bootstrapServers(String)}. */
        public Builder kafkaListener(String name, String protocol) {
            kafkaListeners.put(name, protocol);
            return this;
        }

        public Builder heapMegabytes(ServerKind server, int megabytes) {
            heaps.put(server, megabytes);
            return this;
        }

        public Builder patience(Duration value) {
            patience = value;
            return this;
        }

        public StackPlan build() {
            boolean safe = durable.orElse(directory.isPresent());
            return new StackPlan(
                    servers,
                    brokers,
                    directory,
                    safe,
                    peakSpeed,
                    ports,
                    settings,
                    postgresFiles,
                    kafkaListeners,
                    heaps,
                    patience);
        }
    }
}
