package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.RunHistory;
import io.tidemark.model.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark reconcile history}: what former runs found. */
@Command(
        name = "history",
        description = "Lists what former runs of 'tidemark reconcile' found, the newest last.",
        mixinStandardHelpOptions = true)
final class ReconcileHistoryCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(paramLabel = "MODEL", arity = "0..*", description = "Read models; all by default.")
    private List<String> models = List.of();

    @Option(
            names = "--limit",
            paramLabel = "RUNS",
            defaultValue = "50",
            description = "How many of the newest to list (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        ReconcileCommand.requireNothingBefore(spec);
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        models.forEach(plan::model);
        List<ObjectNode> runs = new RunHistory(plan)
                .runs().stream()
                        .filter(run -> models.isEmpty()
                                || models.contains(run.path("model").textValue()))
                        .toList();
        List<ObjectNode> newest = runs.subList(Math.max(0, runs.size() - Math.max(0, limit)), runs.size());
        PrintWriter out = spec.commandLine().getOut();
        newest.forEach(run -> out.println(options.json() ? Json.text(run) : line(run)));
        return 0;
    }

    private static String line(ObjectNode run) {
        String part = run.path("part").asText();
        long mended = run.at("/repair/mended").asLong();
        return run.path("ended").asText() + "  " + run.path("model").asText() + " in "
                + run.path("store").asText() + ": "
                + run.path("verdict").asText().replace('_', ' ') + " as of tidemark "
                + run.path("tidemark").asText() + ", " + run.path("compared").asLong() + " compared"
                + (part.isEmpty() ? "" : " (" + part + ")")
                + (run.path("drift_count").asLong() == 0
                        ? ""
                        : ", " + run.path("drift_count").asLong() + " drifted")
                + (mended == 0 ? "" : ", " + mended + " mended");
    }
}
