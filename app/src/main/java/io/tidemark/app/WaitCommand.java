package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.FreshnessReport;
import io.tidemark.app.run.GenerationPlans;
import io.tidemark.app.run.LiveReader;
import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.Freshness;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark wait}: until read models are fresh for a read token. */
@Command(
        name = "wait",
        description = {
            "Waits until read models hold what was committed before a read token was taken, in each of their stores.",
            "Exit code 0: they do, 1: not in time. Elasticsearch is fresh for reads by id; a search sees it after the"
                    + " index's next refresh."
        },
        mixinStandardHelpOptions = true)
final class WaitCommand implements Callable<Integer> {

    private static final int STALE_EXIT_CODE = 1;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(index = "0", paramLabel = "TOKEN", description = "What 'tidemark token' printed.")
    private String token = "";

    @Parameters(index = "1..*", paramLabel = "MODEL", description = "Read models; all when none is named.")
    private List<String> models = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long to wait, for all of them (default: ${DEFAULT-VALUE}); 0 asks once.")
    private int timeoutSeconds = 30;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Lsn lsn = FreshnessReport.token(token);
        long until = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
        Plan file = PlanReader.read(TidemarkConfig.load(options.config()));
        Plan plan = GenerationPlans.live(file);
        List<ReadModel> wanted = plan.models(models);
        List<FreshnessReport.Answer> answers = new ArrayList<>();
        for (ReadModel model : wanted) {
            for (Target target : plan.targets(model)) {
                try (LiveReader reader = new LiveReader(file, model, target.store())) {
                    Duration left = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
                    Freshness answer = Freshness.await(lsn, left, reader::appliedTidemark);
                    answers.add(FreshnessReport.Answer.of(new Place(model.name(), target.store()), answer));
                }
            }
        }
        if (models.isEmpty()) {
            plan.unfit()
                    .forEach((model, why) -> answers.add(new FreshnessReport.Answer(
                            new Place(model, "any store"),
                            new Freshness.Stale(lsn, Optional.empty()),
                            Optional.of(why))));
        }
        FreshnessReport report = new FreshnessReport(lsn, answers);
        print(report.json());
        return report.isFresh() ? 0 : STALE_EXIT_CODE;
    }

    private void print(ObjectNode json) {
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(json));
            return;
        }
        json.get("read_models").forEach(model -> {
            String behind = model.path("behind_bytes").isNumber()
                    ? model.get("behind_bytes").asText() + " bytes behind"
                    : "nothing applied yet";
            out.println((model.get("fresh").booleanValue() ? "fresh  " : "stale  ")
                    + model.get("model").textValue() + " in "
                    + model.get("store").textValue() + ": "
                    + (model.get("fresh").booleanValue()
                            ? "tidemark " + model.get("applied_tidemark").textValue()
                            : behind));
        });
    }
}
