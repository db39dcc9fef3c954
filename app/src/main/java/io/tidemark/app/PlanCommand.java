package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.ModelPlan;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.RebuildPlans;
import io.tidemark.model.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark plan}: what a rebuild would do. */
@Command(
        name = "plan",
        description =
                "Shows what differs between the file and what readers have, and what rebuilding would read, write and"
                        + " cost. Changes nothing.",
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(arity = "0..*", paramLabel = "MODEL", description = "Read models; all when none is named.")
    private List<String> models = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        List<ModelPlan> planned = RebuildPlans.of(plan, plan.models(models));
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            ObjectNode json = Json.object();
            ArrayNode all = json.putArray("read_models");
            planned.forEach(each -> all.add(each.json()));
            out.println(Json.text(json));
        } else {
            planned.forEach(each -> each.lines().forEach(out::println));
        }
        return 0;
    }
}
