package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.GenerationPlans;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.ProblemList;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.app.run.UnservedStores;
import io.tidemark.capture.CapturedState;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Gap;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.projections.ParkedDocument;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tidemark status}: how far each stage is. What does not answer is said, after all that does. */
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

    private final ProblemList problems = new ProblemList();

    @Override
    public Integer call() {
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        SlotStatus slot = SlotStatus.read(plan.capture());
        ObjectNode json = Json.object();
        ObjectNode capture = json.putObject("capture");
        Optional<CapturedState> captured =
                orProblem(capture, () -> CapturedState.read(plan.kafkaClient(), plan.topics()));
        captured.ifPresent(state -> put(capture, state, slot));
        SlotReport slotReport = new SlotReport(slot, plan.config().source().retainedWal());
        json.set("slot", slotReport.json());
        ArrayNode models = json.putArray("read_models");
        captured.ifPresent(state -> addModels(plan, state, slot, models));
        if (options.json()) {
            spec.commandLine().getOut().println(Json.text(json));
        } else {
            print(json, slotReport, spec.commandLine().getOut());
        }
        slotReport.problem().ifPresent(problems::add);
        slotReport.warning().ifPresent(each -> spec.commandLine().getErr().println("tidemark: " + each));
        return problems.report(spec.commandLine().getErr());
    }

    /** What a system says; nothing, with the problem kept, when it does not answer. */
    private <T> Optional<T> orProblem(ObjectNode json, Supplier<Optional<T>> question) {
        try {
            return question.get();
        } catch (TidemarkException e) {
            problems.add(e);
            json.put("error", e.getMessage());
            return Optional.empty();
        }
    }

    private static void put(ObjectNode capture, CapturedState state, SlotStatus slot) {
        capture.put(
                "tidemark",
                state.tidemark().equals(TidemarkRef.NONE)
                        ? null
                        : state.tidemark().toString());
        capture.put(
                "last_commit",
                state.commitTime().equals(Instant.EPOCH)
                        ? null
                        : state.commitTime().toString());
        capture.put("behind_bytes", bytesBehind(slot, state.reached()));
        ObjectNode reading = capture.putObject("reading");
        state.filling().forEach((table, rows) -> reading.put(table.toString(), rows));
        ArrayNode gaps = capture.putArray("gaps");
        state.gaps().forEach(gap -> gaps.add(gap.toJson()));
    }

    private static long bytesBehind(SlotStatus slot, Lsn reached) {
        return Math.max(0L, slot.written().value() - reached.value());
    }

    /** Of generations that readers are given. */
    private void addModels(Plan file, CapturedState state, SlotStatus slot, ArrayNode models) {
        Plan plan = GenerationPlans.live(file);
        UnservedStores unserved = UnservedStores.of(plan, plan.models());
        plan.unfit().forEach((model, why) -> {
            models.addObject().put("model", model).putNull("store").put("error", why);
            problems.add(new TidemarkException(ErrorCode.CONFIGURATION, why));
        });
        StoreAccess stores = new StoreAccess(plan, state.lineage());
        for (ReadModel model : plan.models()) {
            // Kafka answers: it just said what is captured.
            Map<String, List<ParkedDocument>> parked = stores.parkedNow(model);
            for (Target target : plan.targets(model)) {
                ObjectNode json = models.addObject();
                json.put("model", model.name()).put("store", target.store());
                json.put("generation", plan.build(model).number());
                Optional<String> other = unserved.of(model.name(), target.store());
                json.put("served", other.isEmpty());
                other.ifPresent(why -> problems.add(
                        new TidemarkException(ErrorCode.FAILED, model.name() + " in " + target.store() + ": " + why)));
                Optional<TidemarkRef> applied = orProblem(json, () -> {
                    try (DocumentReader reader = stores.reader(model, target)) {
                        return reader.appliedTidemark();
                    }
                });
                json.put("applied_tidemark", applied.map(TidemarkRef::toString).orElse(null));
                json.put(
                        "behind_transactions",
                        applied.map(each -> Math.max(0L, state.tidemark().number() - each.number()))
                                .orElse(null));
                json.put(
                        "behind_bytes",
                        applied.map(each -> bytesBehind(slot, each.lsn())).orElse(null));
                json.put(
                        "parked", parked.getOrDefault(target.store(), List.of()).size());
            }
        }
    }

    private static void print(ObjectNode json, SlotReport slot, PrintWriter out) {
        out.println("capture  "
                + (json.at("/capture").has("error")
                        ? "unknown: Kafka does not answer"
                        : "tidemark " + json.at("/capture/tidemark").asText("none yet") + ", "
                                + json.at("/capture/behind_bytes").asText("?") + " bytes of WAL behind, last commit "
                                + json.at("/capture/last_commit").asText("none yet")));
        json.at("/capture/reading")
                .properties()
                .forEach(table -> out.println(
                        "reading  " + table.getKey() + ": " + table.getValue().asText() + " rows so far"));
        json.at("/capture/gaps").forEach(gap -> out.println("gap      " + text(Gap.fromJson(gap))));
        out.println("slot     " + slot.line());
        json.at("/read_models")
                .forEach(model -> out.println("model    " + model.get("model").asText() + " in "
                        + model.get("store").asText("any store") + ": " + progress((ObjectNode) model)));
    }

    private static String text(Gap gap) {
        String since = "after tidemark " + gap.from() + "@" + gap.lsn() + " changes were lost";
        return gap.isOpen()
                ? since + "; topics are being compared with the source, and no tidemark is published"
                : since + ", and mended with tidemark " + gap.to() + ": " + gap.written() + " rows written, "
                        + gap.deleted() + " deleted";
    }

    private static String progress(ObjectNode model) {
        if (model.has("error")) {
            return model.get("store").isNull() ? model.get("error").asText() : "unknown: the store does not answer";
        }
        return model.get("applied_tidemark").isNull()
                ? "nothing applied yet"
                : "tidemark " + model.get("applied_tidemark").asText() + ", "
                        + model.get("behind_transactions").asText() + " transactions and "
                        + model.get("behind_bytes").asText() + " bytes behind"
                        + (model.get("parked").intValue() > 0
                                ? ", " + model.get("parked").intValue() + " parked ('tidemark parked' lists them)"
                                : "");
    }
}
