package io.tidemark.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.sink.SinkConnector;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The examples that are in the zips are configurations of our sinks, and not of last year's. */
class ExamplesTest {

    private static final Path PACKAGED = Path.of("src", "main", "packaged");

    /** The worker's own part of a sink's configuration. */
    private static final List<String> WORKERS = List.of(
            "connector.class",
            "tasks.max",
            "topics",
            "key.converter",
            "value.converter",
            "header.converter",
            "errors.",
            "consumer.override.",
            "transforms",
            "predicates");

    @TestFactory
    Stream<DynamicTest> an_example_is_what_its_sink_takes() throws IOException {
        List<Path> examples = new ArrayList<>();
        try (Stream<Path> files = Files.walk(PACKAGED)) {
            files.filter(file -> file.endsWith(Path.of("etc", "debezium.json"))
                            || file.endsWith(Path.of("etc", "documents.json")))
                    .forEach(examples::add);
        }
        assertThat(examples).hasSize(6);
        return examples.stream()
                .map(file -> DynamicTest.dynamicTest(PACKAGED.relativize(file).toString(), () -> check(file)));
    }

    private static void check(Path file) throws Exception {
        Map<String, String> config = new HashMap<>();
        Json.parse(Files.readAllBytes(file))
                .path("config")
                .properties()
                .forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        ConfigDef known = sink(config.get("connector.class")).config();
        assertThat(known.validate(config))
                .flatExtracting(ConfigValue::errorMessages)
                .isEmpty();
        assertThat(config.keySet())
                .filteredOn(key -> WORKERS.stream().noneMatch(key::startsWith))
                .isSubsetOf(known.names());
        if (config.get("value.converter").endsWith("JsonConverter")) {
            // Else a column's default takes the place of null.
            assertThat(config).containsEntry("value.converter.replace.null.with.default", "false");
        }
    }

    private static SinkConnector sink(String type) throws ReflectiveOperationException {
        return Class.forName(type)
                .asSubclass(SinkConnector.class)
                .getDeclaredConstructor()
                .newInstance();
    }
}
