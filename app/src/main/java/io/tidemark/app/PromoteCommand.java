package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Rebuilds;
import io.tidemark.model.Json;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark promote}: gives readers what was rebuilt. */
@Command(
        name = "promote",
        description =
                "Gives readers the generation that 'tidemark rebuild' built, when it reconciles without drift. The one"
                        + " before is kept in step until it is dropped. Exit code 0: promoted, 1: drift, 2: could not tell.",
        mixinStandardHelpOptions = true)
final class PromoteCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(paramLabel = "MODEL", description = "The read model.")
    private String model = "";

    @Mixin
    private final PromotionGate gate = new PromotionGate();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        try (Rebuilds rebuilds = new Rebuilds(PlanReader.read(TidemarkConfig.load(options.config())))) {
            OptionalInt decided = rebuilds.finishPromotion(model);
            int number = decided.isPresent() ? decided.getAsInt() : rebuilds.filling(model);
            int exitCode = decided.isPresent() ? 0 : promote(rebuilds, number);
            if (options.json()) {
                spec.commandLine()
                        .getOut()
                        .println(Json.text(Json.object()
                                .put("model", model)
                                .put("generation", number)
                                .put("promoted", exitCode == 0)));
            } else if (exitCode == 0) {
                spec.commandLine().getOut().println(model + "@" + number + " is live");
            }
            return exitCode;
        }
    }

    private int promote(Rebuilds rebuilds, int number) throws InterruptedException {
        rebuilds.askAgain(model, number);
        return gate.promote(rebuilds, model, number, spec);
    }
}
