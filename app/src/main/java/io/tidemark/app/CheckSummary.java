package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.KafkaConfig;
import io.tidemark.app.config.ReadModelConfig;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.SourceConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Inspection;
import io.tidemark.app.run.SystemsCheck;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** What {@code tidemark check} prints of a valid file. */
record CheckSummary(
        TidemarkConfig config, List<Relation> relations, List<ReadModel> models, SystemsCheck.Answers systems) {

    CheckSummary(Inspection inspection) {
        this(
                inspection.plan().config(),
                inspection.plan().relations(),
                inspection.plan().models(),
                inspection.systems());
    }

    List<String> lines() {
        SourceConfig source = config.source();
        KafkaConfig kafka = config.kafka();
        List<String> lines = new ArrayList<>();
        lines.add(config.file() + " is valid.");
        lines.add("source  " + source.url() + ": " + tables(captured().size()) + ", slot " + source.slot()
                + ", publication " + source.publication());
        lines.add("kafka   " + kafka.bootstrapServers() + ": " + systems.kafka() + ", prefix " + kafka.prefix() + ", "
                + kafka.partitions() + " partitions, history " + text(kafka.history()));
        config.stores()
                .forEach((name, store) -> lines.add("store   " + name + " " + store.url() + ": "
                        + systems.stores().get(name)));
        for (ReadModel model : models) {
            lines.add("model   " + model.name() + ": " + describe(model) + " -> " + targets(model));
        }
        return lines;
    }

    ObjectNode json() {
        SourceConfig source = config.source();
        KafkaConfig kafka = config.kafka();
        ObjectNode json = Json.object();
        json.put("file", config.file()).put("valid", true);
        ObjectNode sourceJson = json.putObject("source");
        sourceJson
                .put("url", source.url().toString())
                .put("slot", source.slot())
                .put("publication", source.publication());
        put(sourceJson.putArray("tables"), captured());
        json.putObject("kafka")
                .put("bootstrap-servers", kafka.bootstrapServers())
                .put("prefix", kafka.prefix())
                .put("partitions", kafka.partitions())
                .put("history", kafka.history().toString());
        ObjectNode storesJson = json.putObject("stores");
        config.stores().forEach((name, store) -> storesJson
                .putObject(name)
                .put("kind", store.kind())
                .put("url", store.url().toString())
                .put("version", systems.stores().get(name)));
        ArrayNode modelsJson = json.putArray("read-models");
        models.forEach(model -> put(modelsJson.addObject(), model));
        return json;
    }

    private void put(ObjectNode json, ReadModel model) {
        json.put("name", model.name()).put("kind", model instanceof DocumentModel ? "document" : "mirror");
        put(json.putArray("tables"), tables(model));
        if (model instanceof DocumentModel document) {
            document.key().forEach(json.putArray("key")::add);
        }
        if (model instanceof MirrorModel mirror) {
            json.put("history", mirror.history());
        }
        ObjectNode to = json.putObject("to");
        targetList(model)
                .forEach(target -> to.put(target.store(), target.target().text()));
    }

    private List<TableId> captured() {
        return relations.stream()
                .map(Relation::table)
                .filter(config.source()::captures)
                .toList();
    }

    private static Collection<TableId> tables(ReadModel model) {
        if (model instanceof DocumentModel document) {
            return document.tables();
        }
        return model instanceof MirrorModel mirror ? mirror.tables() : List.of();
    }

    private static String describe(ReadModel model) {
        return model instanceof DocumentModel document
                ? "document of " + document.root().table() + by(document) + " over "
                        + tables(document.tables().size())
                : "mirror of " + tables(tables(model).size()) + (hasHistory(model) ? " with history" : "");
    }

    private static String by(DocumentModel document) {
        return document.hasOwnKey() ? " by " + String.join(", ", document.key()) : "";
    }

    private static boolean hasHistory(ReadModel model) {
        return model instanceof MirrorModel mirror && mirror.history();
    }

    private String targets(ReadModel model) {
        return targetList(model).stream()
                .map(target ->
                        target.store() + " (" + config.store(target.store()).kind() + ") "
                                + target.target().text())
                .collect(Collectors.joining(", "));
    }

    private List<Target> targetList(ReadModel model) {
        return config.readModels().stream()
                .filter(candidate -> candidate.name().equals(model.name()))
                .findFirst()
                .map(ReadModelConfig::targets)
                .orElse(List.of());
    }

    private static void put(ArrayNode array, Collection<TableId> tables) {
        tables.forEach(table -> array.add(table.toString()));
    }

    private static String tables(int count) {
        return count == 1 ? "1 table" : count + " tables";
    }

    private static String text(Duration history) {
        if (history.toSeconds() % 86_400 == 0) {
            return history.toDays() + "d";
        }
        return history.toSeconds() % 3600 == 0 ? history.toHours() + "h" : history.toSeconds() + "s";
    }
}
