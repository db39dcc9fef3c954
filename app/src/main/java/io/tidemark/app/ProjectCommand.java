package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.SystemsCheck;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.ReadModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark project}: read models of what another process captures. */
@Command(
        name = "project",
        description = {
            "Keeps read models in step with what another process captures, until stopped.",
            "Any number of processes share the partitions of documents. A mirror has one writer: of two processes that"
                    + " are to keep it, the one that comes later takes it over, and the other one ends."
        },
        mixinStandardHelpOptions = true)
final class ProjectCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(arity = "0..*", paramLabel = "MODEL", description = "Read models; all when none is named.")
    private List<String> models = List.of();

    @Option(
            names = "--state",
            paramLabel = "DIR",
            defaultValue = ".tidemark/state",
            description = "Where assemblers keep their state, a directory for each process; if lost it is restored"
                    + " from Kafka (default: ${DEFAULT-VALUE}).")
    private Path state = Path.of(".tidemark", "state");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        TidemarkConfig config = TidemarkConfig.load(options.config());
        return Shutdown.guard(
                () -> project(config, progress), () -> progress.say("stopped; goes on from here next time"));
    }

    private int project(TidemarkConfig config, ProgressLines progress) throws InterruptedException {
        try (Serving serving = Serving.of(config)) {
            Plan plan = PlanReader.read(config);
            List<ReadModel> wanted = plan.models(models);
            if (wanted.isEmpty()) {
                throw new TidemarkException(
                        ErrorCode.CONFIGURATION, "There are no read-models in " + config.file() + " to project");
            }
            SystemsCheck.require(config);
            try (Pipeline pipeline = new Pipeline(plan, state, serving.observer())) {
                serving.start(plan, Optional.empty(), progress::say);
                pipeline.startReadModels(wanted, progress::say);
                progress.say("projecting "
                        + wanted.stream().map(ReadModel::name).collect(Collectors.joining(", ")) + ". Ctrl-C stops.");
                if (options.json()) {
                    spec.commandLine().getOut().println(Json.text(Json.object().put("running", true)));
                }
                pipeline.awaitFailure();
                return 0;
            }
        }
    }
}
