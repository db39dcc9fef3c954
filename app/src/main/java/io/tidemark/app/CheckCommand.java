package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Inspection;
import io.tidemark.model.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tidemark check}: validates the file, and tries every system it names. */
@Command(
        name = "check",
        description = {
            "Validates the configuration file, its tables and columns against the source, and whether the source can be"
                    + " captured; tries Kafka and every store. Changes nothing."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        CheckSummary summary = new CheckSummary(Inspection.of(TidemarkConfig.load(options.config())));
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(summary.json()));
        } else {
            summary.lines().forEach(out::println);
        }
        return 0;
    }
}
