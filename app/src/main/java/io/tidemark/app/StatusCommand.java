package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.SlotStatus;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.capture.CapturedState;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tidemark status}: how far each stage is. */
@Command(
        name = "status",
        description = "Shows the newest tidemark, the slot, and how far behind each read model is.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        Optional<CapturedState> captured = CapturedState.read(plan.kafkaClient(), plan.topics());
        SlotStatus slot = SlotStatus.read(plan);
        ObjectNode json = Json.object();
        ObjectNode capture = json.putObject("capture");
        capture.put(
                "tidemark", captured.map(state -> state.tidemark().toString()).orElse(null));
        capture.put(
                "last_commit",
                captured.map(state -> state.commitTime().toString()).orElse(null));
        capture.put(
                "behind_bytes",
                captured.map(state ->
                                slot.written().value() - state.tidemark().lsn().value())
                        .map(bytes -> Math.max(0L, bytes))
                        .orElse(null));
        json.set("slot", slot.toJson());
        ArrayNode models = json.putArray("read_models");
        captured.ifPresent(state -> addModels(plan, state, slot, models));
        print(json);
        return 0;
    }

    private void addModels(Plan plan, CapturedState state, SlotStatus slot, ArrayNode models) {
        StoreAccess stores = new StoreAccess(plan, state.lineage());
        for (ReadModel model : plan.models()) {
            for (Target target : plan.targets(model)) {
                try (DocumentReader reader = stores.reader(model, target)) {
                    Optional<TidemarkRef> applied = reader.appliedTidemark();
                    ObjectNode json = models.addObject();
                    json.put("model", model.name()).put("store", target.store());
                    json.put(
                            "applied_tidemark",
                            applied.map(TidemarkRef::toString).orElse(null));
                    json.put(
                            "behind_transactions",
                            applied.map(each -> state.tidemark().number() - each.number())
                                    .orElse(null));
                    json.put(
                            "behind_bytes",
                            applied.map(each -> Math.max(
                                            0L,
                                            slot.written().value() - each.lsn().value()))
                                    .orElse(null));
                }
            }
        }
    }

    private void print(ObjectNode json) {
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(json));
            return;
        }
        out.println("capture  tidemark " + json.at("/capture/tidemark").asText("none yet") + ", "
                + json.at("/capture/behind_bytes").asText("?") + " bytes of WAL behind, last commit "
                + json.at("/capture/last_commit").asText("none yet"));
        out.println("slot     " + json.at("/slot/name").asText() + ", "
                + (json.at("/slot/exists").asBoolean()
                        ? (json.at("/slot/active").asBoolean() ? "being read" : "NOT being read") + ", holds back "
                                + json.at("/slot/retained_bytes").asText() + " bytes of WAL"
                        : "does not exist yet"));
        json.at("/read_models")
                .forEach(model -> out.println("model    " + model.get("model").asText() + " in "
                        + model.get("store").asText() + ": "
                        + (model.get("applied_tidemark").isNull()
                                ? "nothing applied yet"
                                : "tidemark " + model.get("applied_tidemark").asText() + ", "
                                        + model.get("behind_transactions").asText() + " transactions and "
                                        + model.get("behind_bytes").asText() + " bytes behind")));
    }
}
