package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Rebuilds;
import io.tidemark.model.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark drop}: takes away a generation that readers do not have. */
@Command(
        name = "drop",
        description =
                "Drops a generation that readers are not given: its index, tables or keys, its topics and its state.",
        mixinStandardHelpOptions = true)
final class DropCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(index = "0", paramLabel = "MODEL", description = "The read model.")
    private String model = "";

    @Parameters(index = "1", paramLabel = "GENERATION", description = "Its number, as 'tidemark plan' shows it.")
    private int number;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        try (Rebuilds rebuilds = new Rebuilds(PlanReader.read(TidemarkConfig.load(options.config())))) {
            rebuilds.drop(model, number, progress::say);
        }
        spec.commandLine()
                .getOut()
                .println(
                        options.json()
                                ? Json.text(Json.object().put("model", model).put("dropped", number))
                                : model + "@" + number + " is dropped");
        return 0;
    }
}
