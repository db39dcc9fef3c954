package io.tidemark.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.cli.ConnectStandalone;

/**
 * A standalone Kafka Connect worker with Debezium's connector, JSON without schemas. Its producer has capture's own
 * batches and compression; it delivers at least once.
 */
final class ConnectToKafka extends ToKafka {

    private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

    private final String snapshotMode;

    /** Reads the slot only. */
    ConnectToKafka(Testbed testbed) {
        this(testbed, "no_data");
    }

    ConnectToKafka(Testbed testbed, String snapshotMode) {
        super(testbed);
        this.snapshotMode = snapshotMode;
    }

    @Override
    public String name() {
        return "debezium connect";
    }

    @Override
    public void prepare() {
        testbed().createSlot(lane().name());
        topic().create();
    }

    @Override
    Worker start() throws IOException {
        Path connector = write("connector", DebeziumSettings.connector(lane(), snapshotMode));
        return Worker.jvm(
                testbed(),
                Worker.HEAP_MB,
                ConnectStandalone.class,
                List.of(write("worker", worker()).toString(), connector.toString()));
    }

    private Map<String, String> worker() {
        Map<String, String> worker = new LinkedHashMap<>();
        worker.put("bootstrap.servers", lane().bootstrapServers());
        worker.put("listeners", "http://127.0.0.1:0");
        worker.put("plugin.discovery", "service_load");
        worker.put("offset.storage.file.filename", file("offsets").toString());
        worker.put("key.converter", JSON);
        worker.put("key.converter.schemas.enable", "false");
        worker.put("value.converter", JSON);
        worker.put("value.converter.schemas.enable", "false");
        worker.put("producer.acks", "all");
        worker.put("producer.linger.ms", "5");
        worker.put("producer.batch.size", Integer.toString(256 * 1024));
        worker.put("producer.compression.type", "lz4");
        return worker;
    }

    private Path write(String kind, Map<String, String> properties) throws IOException {
        return Files.writeString(
                file(kind),
                properties.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    private Path file(String kind) {
        return testbed().directory().resolve(lane().name() + "-" + kind + ".properties");
    }
}
