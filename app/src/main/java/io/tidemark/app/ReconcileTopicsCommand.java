package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.RunHistory;
import io.tidemark.app.run.TopicReconciliation;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.projections.TidemarkFollower;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code tidemark reconcile topics}: compares what was captured with the source. */
@Command(
        name = "topics",
        description =
                "Compares the change topics themselves with the source's tables, while both go on. Drift here was captured"
                        + " wrong; drift of a read model alone was made on the way from the topics."
                        + " Exit code 0: no drift, 1: drift, 2: could not tell.",
        mixinStandardHelpOptions = true)
final class ReconcileTopicsCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @ParentCommand
    private @Nullable ReconcileCommand reconcile;

    @Parameters(paramLabel = "TABLE", arity = "0..*", description = "Captured tables, as schema.table; all by default.")
    private List<String> tables = List.of();

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Also write the whole report to FILE: as a page where it ends in .html, else as JSON.")
    private @Nullable Path report;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long capture may take to reach the source's snapshot (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 30;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (reconcile != null && reconcile.namesModels()) {
            throw new TidemarkException(
                    ErrorCode.USAGE, "Read models and topics are compared by two commands; name one of both");
        }
        if (reconcile != null && reconcile.repairs()) {
            throw new TidemarkException(
                    ErrorCode.USAGE,
                    "Topics are not repaired by --repair: 'tidemark snapshot TABLE' reads a table's rows again,"
                            + " 'tidemark recover --anyway' compares every table and writes what differs");
        }
        ReconcileCommand.requireNothingBefore(spec);
        if (report != null) {
            ReconcileCommand.requireWritable(report);
        }
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        Instant began = Instant.now();
        Report found = reconcile(plan, TopicReconciliation.tables(plan, tables));
        Instant ended = Instant.now();
        if (report != null) {
            ReconcileCommand.write(report, List.of(found));
        }
        if (options.json()) {
            spec.commandLine().getOut().println(Json.text(ReconcileCommand.json(List.of(found))));
        } else {
            ReconcileCommand.print(found, spec.commandLine().getOut());
        }
        hintIfNobodyCaptures(plan, found);
        new RunHistory(plan).add(began, ended, List.of(found));
        return found.exitCode();
    }

    private Report reconcile(Plan plan, List<Relation> compared) {
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        ReconcileLimits limits =
                ReconcileLimits.defaults().withTimeout(Duration.ofSeconds(Math.max(1, timeoutSeconds)));
        try (TidemarkFollower tidemarks = new TidemarkFollower(plan.kafkaClient(), plan.topics())) {
            tidemarks.start();
            return new TopicReconciliation(plan, tidemarks, limits)
                    .run(compared, (table, rows) -> progress.tick(table + ": " + rows + " compared"));
        }
    }

    private void hintIfNobodyCaptures(Plan plan, Report found) {
        if (found.verdict() == Verdict.COULD_NOT_TELL
                && !SlotStatus.read(plan.capture()).active()) {
            spec.commandLine()
                    .getErr()
                    .println("tidemark: nobody reads slot "
                            + plan.config().source().slot()
                            + ": capture is not running. Start 'tidemark capture' or 'tidemark run', then try again");
        }
    }
}
