package io.tidemark.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Debezium Server with its Kafka sink, JSON without schemas, from an unpacked distribution. */
final class DebeziumServerToKafka extends ToKafka {

    private final Distribution distribution;

    /**
     * Where it is.
     *
     * @param home the directory that holds {@code lib}
     * @param java home of a JDK 21 or newer, which it needs
     */
    record Distribution(Path home, Path java) {}

    DebeziumServerToKafka(Testbed testbed, Distribution distribution) {
        super(testbed);
        this.distribution = distribution;
    }

    @Override
    public String name() {
        return "debezium server";
    }

    @Override
    public void prepare() {
        testbed().createSlot(lane().name());
        topic().create();
    }

    @Override
    Worker start() throws IOException {
        Path configuration = testbed().directory().resolve(lane().name() + "-server.properties");
        Files.writeString(configuration, configuration());
        List<String> command = List.of(
                distribution.java().resolve("bin").resolve("java").toString(),
                "-Xms" + Worker.HEAP_MB + "m",
                "-Xmx" + Worker.HEAP_MB + "m",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dquarkus.config.locations=" + configuration,
                "-cp",
                runner() + ":" + distribution.home().resolve("lib") + "/*",
                "io.debezium.server.Main");
        return Worker.program(testbed(), "debezium-server", command, Map.of());
    }

    private Path runner() throws IOException {
        try (Stream<Path> files = Files.list(distribution.home())) {
            return files.filter(each -> each.toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("There is no Debezium Server in " + distribution.home()
                            + ". Give --debezium-server the directory that holds its *-runner.jar"));
        }
    }

    private String configuration() {
        String source = DebeziumSettings.connector(lane(), "no_data").entrySet().stream()
                .map(each -> "debezium.source." + each.getKey() + "=" + each.getValue() + "\n")
                .collect(Collectors.joining());
        return source + """
                debezium.source.offset.storage=org.apache.kafka.connect.storage.MemoryOffsetBackingStore
                debezium.format.key=json
                debezium.format.value=json
                debezium.format.key.schemas.enable=false
                debezium.format.value.schemas.enable=false
                debezium.sink.type=kafka
                debezium.sink.kafka.producer.bootstrap.servers=%s
                debezium.sink.kafka.producer.key.serializer=org.apache.kafka.common.serialization.StringSerializer
                debezium.sink.kafka.producer.value.serializer=org.apache.kafka.common.serialization.StringSerializer
                debezium.sink.kafka.producer.acks=all
                debezium.sink.kafka.producer.linger.ms=5
                debezium.sink.kafka.producer.batch.size=262144
                debezium.sink.kafka.producer.compression.type=lz4
                quarkus.http.port=0
                quarkus.log.level=WARN
                """.formatted(lane().bootstrapServers());
    }
}
