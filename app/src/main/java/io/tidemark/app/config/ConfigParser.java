package io.tidemark.app.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.Json;
import io.tidemark.model.definition.StoredForm;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** Parses a whole file. */
final class ConfigParser {

    private static final String READ_MODELS = "read-models";

    private ConfigParser() {}

    /** Parses the text, or throws all its problems at once. */
    static TidemarkConfig parse(Reading reading, String text) {
        return parse(reading, text, List.of());
    }

    /** Parses the text with more read models beside those it has, or throws all problems at once. */
    static TidemarkConfig parse(Reading reading, String text, List<WrittenModel> written) {
        Optional<MappingNode> mapping = compose(reading, text).map(node -> WrittenNodes.withModels(node, written));
        Map<String, StoredForm> forms = new HashMap<>();
        written.forEach(model -> forms.put(model.name().text(), model.form()));
        TidemarkConfig config = mapping.map(node -> parse(reading, Section.top(reading, node), forms))
                .orElse(null);
        reading.problems().throwIfAny();
        if (config == null) {
            throw new IllegalStateException("Neither a configuration nor a problem came of " + reading.file());
        }
        return config;
    }

    private static Optional<MappingNode> compose(Reading reading, String text) {
        try {
            LoadSettings settings =
                    LoadSettings.builder().setLabel(reading.file()).build();
            Optional<Node> root = new Compose(settings).composeString(text);
            if (root.isPresent() && root.get() instanceof MappingNode mapping) {
                return Optional.of(mapping);
            }
            Place place = root.map(reading::place).orElse(new Place(reading.file(), 1, 1));
            reading.problems()
                    .add(
                            place,
                            "expected a mapping with source and kafka, found "
                                    + root.map(Reading::found).orElse("nothing"));
        } catch (MarkedYamlEngineException e) {
            Place place = e.getProblemMark()
                    .map(mark -> new Place(reading.file(), mark.getLine() + 1, mark.getColumn() + 1))
                    .orElse(new Place(reading.file(), 1, 1));
            reading.problems().add(place, "not YAML: " + problem(e) + hint(text, place.line()));
        } catch (YamlEngineException e) {
            reading.problems().add(new Place(reading.file(), 1, 1), "not YAML: " + e.getMessage());
        }
        return Optional.empty();
    }

    private static String problem(MarkedYamlEngineException e) {
        return e.getProblem() == null ? "it cannot be parsed" : e.getProblem();
    }

    private static String hint(String text, int line) {
        boolean reference = text.lines().skip(line - 1L).findFirst().orElse("").contains("${");
        return reference ? "; put values that hold ${...} in double quotes" : "";
    }

    private static TidemarkConfig parse(Reading reading, Section top, Map<String, StoredForm> forms) {
        top.allowOnly(List.of("source", "kafka", "stores", "read-models", "http", "reconcile"));
        Section kafkaSection = top.requiredSection("kafka");
        SourceParser source = new SourceParser(top.requiredSection("source"));
        KafkaConfig kafka = new KafkaParser(kafkaSection).parse(source);
        SourceConfig sourceConfig = source.parse(kafka.prefix());
        Map<String, StoreConfig> stores = stores(top);
        Optional<Section> readModels = top.section(READ_MODELS);
        List<ReadModelConfig> models = readModels
                .map(section -> new ReadModelParser(sourceConfig, stores, forms).parse(section))
                .orElse(List.of());
        Optional<HttpConfig> http = top.section("http").map(HttpParser::parse);
        return new TidemarkConfig(
                reading.file(),
                sourceConfig,
                kafka,
                stores,
                models,
                http,
                top.section("reconcile").map(ReconcileParser::parse),
                reading.problems().none() ? definitions(readModels) : Map.of());
    }

    private static Map<String, ObjectNode> definitions(Optional<Section> readModels) {
        Map<String, ObjectNode> definitions = new HashMap<>();
        readModels.ifPresent(section ->
                section.sections().forEach(model -> definitions.put(model.name().text(), model.json())));
        return definitions;
    }

    /** See {@link TidemarkConfig#withOnly}. */
    static TidemarkConfig withOnly(TidemarkConfig config, String label, String model, ObjectNode definition) {
        ObjectNode file = Json.object();
        file.putObject(READ_MODELS).set(model, definition);
        Substitution none = new Substitution(variable -> null, Path.of("."));
        Reading reading = new Reading(label, none, new Problems());
        Map<String, StoredForm> forms = new HashMap<>();
        config.readModels().forEach(each -> {
            if (each instanceof ReadModelConfig.DocumentConfig document) {
                forms.put(each.name(), document.form());
            }
        });
        // JSON is YAML.
        List<ReadModelConfig> models = compose(reading, Json.text(file).replace("${", "$${"))
                .map(node -> new ReadModelParser(config.source(), config.stores(), forms)
                        .parse(Section.top(reading, node).requiredSection(READ_MODELS)))
                .orElse(List.of());
        reading.problems().throwIfAny();
        return new TidemarkConfig(
                label,
                config.source(),
                config.kafka(),
                config.stores(),
                models,
                config.http(),
                config.reconcile(),
                Map.of(model, definition));
    }

    private static Map<String, StoreConfig> stores(Section top) {
        Map<String, StoreConfig> stores = new LinkedHashMap<>();
        top.section("stores").ifPresent(section -> section.sections().forEach(store -> StoreParser.parse(store)
                .ifPresent(parsed -> stores.put(store.name().text(), parsed))));
        return stores;
    }
}
