package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Inspection;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.Plan;
import io.tidemark.capture.SlotGuard;
import io.tidemark.model.Json;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tidemark run}: capture and every read model, until stopped. */
@Command(
        name = "run",
        description = "Captures the source and keeps every read model in step, until stopped.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = ".tidemark/state",
            description =
                    "Where assemblers keep their state; if lost it is restored from Kafka (default: ${DEFAULT-VALUE}).")
    private Path state = Path.of(".tidemark", "state");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        TidemarkConfig config = TidemarkConfig.load(options.config());
        return Shutdown.guard(() -> run(config, progress), () -> progress.say("stopped; goes on from here next time"));
    }

    private int run(TidemarkConfig config, ProgressLines progress) throws InterruptedException {
        try (Serving serving = Serving.of(config)) {
            return run(Inspection.of(config).plan(), serving, progress);
        }
    }

    private int run(Plan plan, Serving serving, ProgressLines progress) throws InterruptedException {
        // Before the pipeline: the slot holds back WAL during the first snapshot, too.
        try (SlotGuard guard = new SlotGuard(plan.capture(), progress::say);
                Pipeline pipeline = new Pipeline(plan, state, serving.observer())) {
            guard.start();
            serving.start(plan, Optional.of(guard), progress::say);
            pipeline.start(report -> progress.tick(report.text()), progress::say);
            progress.say("running: " + plan.relations().size() + " tables captured, "
                    + plan.models().size() + " read models. Ctrl-C stops.");
            if (options.json()) {
                spec.commandLine().getOut().println(Json.text(Json.object().put("running", true)));
            }
            pipeline.awaitFailure();
            return 0;
        }
    }
}
