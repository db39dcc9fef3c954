package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.capture.CapturedState;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.GenerationRegistry;
import io.tidemark.projections.ModelGenerations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes plans of generations: by the file where it still says what one was built by, else by what was noted then. */
public final class GenerationPlans {

    private final Plan file;

    public GenerationPlans(Plan file) {
        this.file = file;
    }

    /**
     * Reads a configuration, with every read model as its live generation is: what readers are given now, which may not be
     * what the file says by now.
     *
     * @throws TidemarkException as {@link PlanReader#read}; UNREACHABLE also when Kafka does not answer
     */
    public static Plan live(TidemarkConfig config) {
        return live(PlanReader.read(config));
    }

    /** The same of a plan of the file. */
    public static Plan live(Plan file) {
        if (CapturedState.read(file.kafkaClient(), file.topics()).isEmpty()) {
            return file;
        }
        try (GenerationRegistry registry = new GenerationRegistry(file.kafkaClient(), file.topics())) {
            return new GenerationPlans(file).live(registry.read());
        }
    }

    Plan live(Map<String, ModelGenerations> registered) {
        if (file.models().stream().allMatch(model -> !registered.containsKey(model.name()))) {
            return file;
        }
        List<ReadModel> models = new ArrayList<>();
        List<ReadModelConfig> configs = new ArrayList<>();
        Map<String, Build> builds = new HashMap<>();
        Map<String, String> unfit = new HashMap<>();
        for (ReadModel model : file.models()) {
            try {
                Plan live = live(model, Optional.ofNullable(registered.get(model.name())));
                models.addAll(live.models());
                live.models().forEach(each -> configs.add(live.configured(each).orElseThrow()));
                builds.putAll(live.builds());
            } catch (TidemarkException e) {
                if (e.code() != ErrorCode.CONFIGURATION) {
                    throw e;
                }
                unfit.put(model.name(), String.valueOf(e.getMessage()));
            }
        }
        return new Plan(file.config().withReadModels(configs), file.relations(), models, builds, unfit);
    }

    private Plan live(ReadModel model, Optional<ModelGenerations> generations) {
        return generations.map(now -> of(now, now.liveBuild())).orElseGet(() -> file.withOnly(model, Build.FIRST));
    }

    /**
     * The plan of one generation.
     *
     * @throws TidemarkException CONFIGURATION when what it was built by does not fit the source, or the stores of the file,
     *     any more
     */
    Plan of(ModelGenerations generations, ModelGenerations.Build stored) {
        Build build = new Build(stored.number(), stored.assembly(), generations.live() == stored.number());
        Optional<ReadModel> inFile = file.models().stream()
                .filter(model -> model.name().equals(generations.model()))
                .findFirst()
                .filter(model -> Change.between(stored, file, model) == Change.NONE);
        return inFile.map(model -> file.withOnly(model, build))
                .orElseGet(() -> noted(generations.model(), stored, build));
    }

    private Plan noted(String name, ModelGenerations.Build stored, Build build) {
        String label = name + "@" + stored.number();
        Plan noted = PlanReader.read(file.config().withOnly(label, name, stored.definition()));
        ReadModel model = noted.model(name);
        if (!DefinitionDigest.of(model).equals(stored.digest())) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    label + " was built by a definition that would give something else by now, since the source was"
                            + " altered: " + Json.text(stored.definition()) + ". Build it anew: tidemark rebuild "
                            + name);
        }
        return noted.withOnly(model, build);
    }

    /** A generation by the file's definition, to be noted. */
    ModelGenerations.Build toNote(ReadModel model, int number, int assembly) {
        ObjectNode written = file.config().definitions().get(model.name());
        return ModelGenerations.Build.of(
                number,
                assembly,
                DefinitionDigest.of(model),
                Change.places(file, model),
                PinnedDefinition.of(written == null ? Json.object() : written, model));
    }
}
