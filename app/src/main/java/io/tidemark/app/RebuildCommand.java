package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Rebuilds;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark rebuild}: a generation beside the live one. */
@Command(
        name = "rebuild",
        description = {
            "Builds a read model anew, by the file's definition, beside the one readers have; a running 'tidemark run' or"
                    + " 'tidemark project' fills both.",
            "Interrupted, it goes on where it was. Exit code 0: built (and promoted), 1: drift, so not promoted, 2: could not"
                    + " tell."
        },
        mixinStandardHelpOptions = true)
final class RebuildCommand implements Callable<Integer> {

    /** What becomes of what is built. */
    enum Promote {
        AUTO,
        MANUAL
    }

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(paramLabel = "MODEL", description = "The read model.")
    private String model = "";

    @Option(
            names = "--promote",
            paramLabel = "auto|manual",
            defaultValue = "manual",
            description =
                    "auto: give it to readers when it has all the source has and reconciles without drift. manual:"
                            + " wait for 'tidemark promote' (default: ${DEFAULT-VALUE}).")
    private Promote promote = Promote.MANUAL;

    @Mixin
    private final PromotionGate gate = new PromotionGate();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        try (Rebuilds rebuilds = new Rebuilds(PlanReader.read(TidemarkConfig.load(options.config())))) {
            OptionalInt decided = rebuilds.finishPromotion(model);
            if (promote == Promote.AUTO && decided.isPresent() && rebuilds.isByFile(model, decided.getAsInt())) {
                print(decided.getAsInt(), true);
                return 0;
            }
            int number = rebuilds.begin(model);
            progress.say("building " + model + "@" + number + ", beside what readers have");
            rebuilds.dropGivenUp(model, progress::say);
            requireCaughtUp(rebuilds, number, gate.timeout(), progress);
            int exitCode = promote == Promote.AUTO ? gate.promote(rebuilds, model, number, spec) : 0;
            print(number, promote == Promote.AUTO && exitCode == 0);
            return exitCode;
        }
    }

    private void requireCaughtUp(Rebuilds rebuilds, int number, Duration timeout, ProgressLines progress)
            throws InterruptedException {
        if (!rebuilds.awaitCaughtUp(model, number, timeout, progress::tick)) {
            throw new TidemarkException(
                    ErrorCode.TIMEOUT,
                    model + "@" + number + " has not all the source has after " + timeout.toSeconds()
                            + " s. It goes on being filled while 'tidemark run' or 'tidemark project' runs; the same command"
                            + " waits for it again");
        }
    }

    private void print(int number, boolean promoted) {
        ObjectNode json =
                Json.object().put("model", model).put("generation", number).put("promoted", promoted);
        spec.commandLine()
                .getOut()
                .println(
                        options.json()
                                ? Json.text(json)
                                : model + "@" + number
                                        + (promoted
                                                ? " is live"
                                                : " is built and kept in step; 'tidemark promote " + model
                                                        + "' gives it to readers"));
    }
}
