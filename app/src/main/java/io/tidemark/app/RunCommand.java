package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.model.Json;
import java.nio.file.Path;
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
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        try {
            return Shutdown.guard(() -> run(plan, progress));
        } catch (InterruptedException e) {
            // Asked to stop: everything has been closed in order, and starts again where it was.
            return 0;
        }
    }

    private int run(Plan plan, ProgressLines progress) throws InterruptedException {
        try (Pipeline pipeline = new Pipeline(plan, state, (place, tidemark) -> {})) {
            pipeline.start((table, rows) -> progress.tick("snapshot: " + rows + " rows, now " + table));
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
