package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Rebuilds;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark rollback}: gives readers the generation they had before. */
@Command(
        name = "rollback",
        description = "Gives readers the generation they had before, which was kept in step.",
        mixinStandardHelpOptions = true)
final class RollbackCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(paramLabel = "MODEL", description = "The read model.")
    private String model = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long that generation may take to have all the source has (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 60;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        try (Rebuilds rebuilds = new Rebuilds(PlanReader.read(TidemarkConfig.load(options.config())))) {
            int number = rebuilds.before(model);
            if (!rebuilds.awaitCaughtUp(model, number, Duration.ofSeconds(timeoutSeconds), progress::tick)) {
                throw new TidemarkException(
                        ErrorCode.TIMEOUT,
                        model + "@" + number + " has not all the source has after " + timeoutSeconds
                                + " s: readers would go back in time. Start 'tidemark run' or 'tidemark project'");
            }
            rebuilds.serve(model, number);
            spec.commandLine()
                    .getOut()
                    .println(
                            options.json()
                                    ? Json.text(
                                            Json.object().put("model", model).put("generation", number))
                                    : model + "@" + number + " is live again");
            return 0;
        }
    }
}
