package io.tidemark.app;

import io.tidemark.app.config.DefinitionResolver;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.definition.ReadModel;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tidemark check}: validates the file against the source. */
@Command(
        name = "check",
        description = "Validates the configuration file, and its tables and columns against the source.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        TidemarkConfig config = TidemarkConfig.load(options.config());
        List<Relation> relations = SourceTables.read(config);
        List<ReadModel> models = DefinitionResolver.resolve(config, relations);
        CheckSummary summary = new CheckSummary(config, relations, models);
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(summary.json()));
        } else {
            summary.lines().forEach(out::println);
        }
        return 0;
    }
}
