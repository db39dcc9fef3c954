package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.CaptureSettings;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Relation;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.Topics;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.DocumentLimit;
import io.tidemark.projections.ProjectionSettings;
import io.tidemark.reconciliation.ComparedModel;
import io.tidemark.reconciliation.SourceSettings;
import io.tidemark.stores.redis.RedisTarget;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A configuration that has been held against its source: what is captured and what it becomes.
 *
 * @param relations of the captured tables, as the topics have them
 * @param models in the order of the file
 * @param builds which generation of each model is meant, by its name; the first where nothing is said
 * @param unfit models that are not there since their definition does not fit any more, with the reason
 */
public record Plan(
        TidemarkConfig config,
        List<Relation> relations,
        List<ReadModel> models,
        Map<String, Build> builds,
        Map<String, String> unfit) {

    public Plan {
        relations = List.copyOf(relations);
        models = List.copyOf(models);
        builds = Map.copyOf(builds);
        unfit = Map.copyOf(unfit);
    }

    /** One of models that were never built anew. */
    public Plan(TidemarkConfig config, List<Relation> relations, List<ReadModel> models) {
        this(config, relations, models, Map.of(), Map.of());
    }

    /** The generations that are meant, by model. */
    public Map<String, Integer> generations() {
        return models.stream()
                .collect(Collectors.toMap(ReadModel::name, model -> build(model).number()));
    }

    /** Which generation of a model is meant. */
    public Build build(ReadModel model) {
        return builds.getOrDefault(model.name(), Build.FIRST);
    }

    /** The same of one of its models alone, and of one generation of it. */
    Plan withOnly(ReadModel model, Build build) {
        return new Plan(config, relations, List.of(model), Map.of(model.name(), build), Map.of());
    }

    /** Topics of this configuration. */
    public Topics topics() {
        return new Topics(config.kafka().prefix());
    }

    public Map<String, String> kafkaClient() {
        return config.kafka().revealClientProperties();
    }

    public CaptureSettings capture() {
        return capture(relations.stream().map(Relation::table).toList());
    }

    /** As if these tables were captured. */
    CaptureSettings capture(List<TableId> tables) {
        return new CaptureSettings(
                captureSource(),
                tables,
                config.source().rules(),
                config.source().slot(),
                config.source().publication(),
                kafkaClient(),
                topics(),
                config.kafka().partitions(),
                config.kafka().history(),
                config.source().snapshotThreads(),
                config.source().retainedWal());
    }

    public CaptureSettings.Source captureSource() {
        return new CaptureSettings.Source(
                config.source().url().value(),
                config.source().user(),
                config.source().password());
    }

    /** The source as reconciliation reaches it; user and password may be in the URL. */
    public SourceSettings source() {
        return new SourceSettings(
                config.source().url().value(),
                config.source().user(),
                config.source().password(),
                config.source().rules());
    }

    /** Settings of every projection; an assembler's state is below {@code stateDirectory}. */
    public ProjectionSettings projections(Path stateDirectory) {
        return new ProjectionSettings(
                kafkaClient(),
                topics(),
                config.kafka().partitions(),
                config.kafka().history(),
                stateDirectory,
                2,
                config.kafka().standbys());
    }

    /** Where a model is written. */
    public List<ReadModelConfig.Target> targets(ReadModel model) {
        return configured(model).map(ReadModelConfig::targets).orElse(List.of());
    }

    /** How many of a model's documents each of its stores may refuse before a refusal stops the model. */
    public int maxParked(DocumentModel model) {
        return configured(model)
                .map(found -> ((ReadModelConfig.DocumentConfig) found).maxParked())
                .orElse(0);
    }

    /** How large a model's documents may be. */
    public DocumentLimit limit(DocumentModel model) {
        return configured(model)
                .map(found -> new DocumentLimit(((ReadModelConfig.DocumentConfig) found).maxDocumentBytes()))
                .orElse(DocumentLimit.DEFAULT);
    }

    Optional<ReadModelConfig> configured(ReadModel model) {
        return config.readModels().stream()
                .filter(candidate -> candidate.name().equals(model.name()))
                .findFirst();
    }

    /** Where a model can be compared: not where what somebody else keeps is only invalidated. */
    public List<ReadModelConfig.Target> comparedTargets(ReadModel model) {
        return targets(model).stream().filter(target -> !invalidates(target)).toList();
    }

    private static boolean invalidates(ReadModelConfig.Target target) {
        return target.options() instanceof ReadModelConfig.TargetOptions.Stored stored
                && stored.form() == RedisTarget.Form.INVALIDATE;
    }

    /** Partitions a model's applied tidemark is the minimum over: a mirror has one writer. */
    public int appliedPartitions(ReadModel model) {
        return model instanceof MirrorModel ? 1 : config.kafka().partitions();
    }

    public ComparedModel compared(ReadModel model) {
        Map<TableId, Relation> byTable =
                relations.stream().collect(Collectors.toMap(Relation::table, Function.identity()));
        return ComparedModel.of(
                model, table -> Optional.ofNullable(byTable.get(table)).orElseThrow());
    }

    /**
     * The model of that name.
     *
     * @throws TidemarkException CONFIGURATION when there is none, or it does not fit any more
     */
    public ReadModel model(String name) {
        if (unfit.containsKey(name)) {
            throw new TidemarkException(ErrorCode.CONFIGURATION, unfit.get(name));
        }
        return models.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.CONFIGURATION,
                        "No read model '" + name + "' in " + config.file() + "; it has "
                                + models.stream().map(ReadModel::name).collect(Collectors.joining(", "))));
    }

    /** The models of these names; all of none. */
    public List<ReadModel> models(List<String> names) {
        return names.isEmpty()
                ? models
                : names.stream().distinct().map(this::model).toList();
    }

    /** The relations of the tables a model is made from. */
    public List<Relation> relationsOf(MirrorModel mirror) {
        return relations.stream()
                .filter(relation -> mirror.tables().contains(relation.table()))
                .toList();
    }

    /** Key columns of a document model. */
    static List<String> keyOf(DocumentModel model) {
        return model.key();
    }
}
