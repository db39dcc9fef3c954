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
        description = {
            "Gives readers the generation they had before, which was kept in step, or the one that is named.",
            "A promotion that is not carried out in every store is taken back."
        },
        mixinStandardHelpOptions = true)
final class RollbackCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(index = "0", paramLabel = "MODEL", description = "The read model.")
    private String model = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "GENERATION",
            defaultValue = "0",
            description = "Its number, as 'tidemark plan' shows it; without it the one before.")
    private int wanted;

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
            Rebuilds.Back back = rebuilds.back(model, wanted);
            if (!back.decided()) {
                rebuilds.askAgain(model, back.number());
                requireCaughtUp(rebuilds, back, progress);
            }
            rebuilds.goBack(back);
            int number = back.number();
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

    /** What is live still is what readers of some stores have. */
    private void requireCaughtUp(Rebuilds rebuilds, Rebuilds.Back back, ProgressLines progress)
            throws InterruptedException {
        Duration timeout = Duration.ofSeconds(timeoutSeconds);
        if (back.number() != back.seen().live()
                && !rebuilds.awaitCaughtUp(model, back.number(), timeout, progress::tick)) {
            throw new TidemarkException(
                    ErrorCode.TIMEOUT,
                    model + "@" + back.number() + " has not all the source has after " + timeoutSeconds
                            + " s: readers would go back in time. Start 'tidemark run' or 'tidemark project'");
        }
    }
}
