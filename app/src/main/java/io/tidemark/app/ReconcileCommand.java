package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.GenerationPlans;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.Reconciliations;
import io.tidemark.app.run.RunHistory;
import io.tidemark.app.run.StoreAccess;
import io.tidemark.app.run.UnservedStores;
import io.tidemark.capture.CaptureRecovery;
import io.tidemark.capture.SlotStatus;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.TidemarkFollower;
import io.tidemark.reconciliation.ComparedModel;
import io.tidemark.reconciliation.Drift;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Scope;
import io.tidemark.reconciliation.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark reconcile}: compares read models with the source. */
@Command(
        name = "reconcile",
        description =
                "Compares read models with the source's own SQL. Exit code 0: no drift, or all of it mended, 1: drift, 2:"
                        + " could not tell.",
        subcommands = {ReconcileTopicsCommand.class, ReconcileHistoryCommand.class},
        mixinStandardHelpOptions = true)
final class ReconcileCommand implements Callable<Integer> {

    private static final int DRIFT_SHOWN = 20;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    /** One of them is needed, but not by subcommands: see {@link #requireModels}. */
    @ArgGroup(multiplicity = "0..1")
    private final Which which = new Which();

    private static final class Which {
        @Parameters(paramLabel = "MODEL", arity = "1..*", description = "Read models to compare.")
        private @Nullable List<String> models;

        @Option(names = "--all", description = "Compare every read model.")
        private boolean all;
    }

    @ArgGroup
    private @Nullable Part part;

    /** Of each read model. */
    private static final class Part {
        @Option(
                names = "--keys",
                paramLabel = "KEY",
                arity = "1..*",
                description = "Compare these documents only: 17, of several columns 17|2, or as JSON objects; behind"
                        + " schema.table: where a mirror has several tables.")
        private @Nullable List<String> keys;

        @Option(
                names = "--sample",
                paramLabel = "FRACTION",
                description = "Compare a part of the source's documents, such as 0.01, taken at random.")
        private @Nullable Double sample;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "Compare what changed since then, as topics have it: 2026-11-23T14:00:00Z, or PT2H for"
                        + " two hours ago.")
        private @Nullable String since;

        UnaryOperator<ComparedModel> of(Plan plan) {
            List<String> some = keys;
            if (some != null) {
                return whole -> whole.withKeys(some);
            }
            if (since != null) {
                return Reconciliations.changedSince(plan, time(since));
            }
            Scope fraction = new Scope.Sample(Objects.requireNonNull(sample));
            return whole -> whole.within(fraction);
        }

        private static Instant time(String text) {
            try {
                return text.startsWith("P")
                        ? Instant.now().minus(Duration.parse(text))
                        : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeParseException e) {
                throw new TidemarkException(
                        ErrorCode.USAGE,
                        "--since is a time with its zone, such as 2026-11-23T14:00:00Z, or a duration, such as PT2H, not "
                                + text,
                        e);
            }
        }
    }

    @Option(
            names = "--repair",
            description = "Write the documents that drifted as the source has them; newer ones are left alone.")
    private boolean repair;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Also write the whole report to FILE: as a page where it ends in .html, else as JSON.")
    private @Nullable Path report;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long a read model may take to reach the source's snapshot (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 30;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        requireModels();
        if (report != null) {
            requireWritable(report);
        }
        requireSensible();
        Plan plan = GenerationPlans.live(TidemarkConfig.load(options.config()));
        List<ReadModel> models = which.models == null || which.all
                ? plan.models()
                : which.models.stream().map(plan::model).toList();
        sayWhatIsNotCompared(plan, models);
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        Instant began = Instant.now();
        List<Report> told = reconcile(plan, models, progress);
        // Asked afterwards: what readers have now is what was compared, or the comparison says nothing of it.
        List<Report> reports = new ArrayList<>(UnservedStores.of(plan, models).in(told));
        if (which.models == null || which.all) {
            plan.unfit().forEach((model, why) -> reports.add(UnservedStores.untold(model, why)));
        }
        Instant ended = Instant.now();
        if (report != null) {
            write(report, reports);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(json(reports)));
        } else {
            reports.forEach(each -> print(each, out));
        }
        hintIfNobodyCaptures(plan, reports);
        new RunHistory(plan).add(began, ended, reports, plan.generations());
        return Reconciliations.exitCode(reports);
    }

    private void requireModels() {
        if (!namesModels()) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required argument (specify one of these): (MODEL... | --all)");
        }
    }

    /** Whether it was said which read models are to be compared. */
    boolean namesModels() {
        return which.models != null || which.all;
    }

    /** Whether what drifted is to be mended. */
    boolean repairs() {
        return repair;
    }

    /** What is said before a subcommand is said to this command, and would be forgotten. */
    static void requireNothingBefore(CommandSpec subcommand) {
        var before = subcommand.parent().commandLine().getParseResult();
        if (!before.matchedArgs().isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.USAGE,
                    "Options and names come behind '" + subcommand.name() + "', as in: tidemark reconcile "
                            + subcommand.name() + " -c FILE");
        }
    }

    private void requireSensible() {
        if (part == null) {
            return;
        }
        if (part.keys != null && (which.models == null || which.models.size() != 1)) {
            throw new TidemarkException(ErrorCode.USAGE, "--keys are those of one read model: name it before them");
        }
        if (part.since != null) {
            Part.time(part.since);
        }
        if (part.sample != null && !(part.sample > 0 && part.sample <= 1)) {
            throw new TidemarkException(
                    ErrorCode.USAGE, "--sample is a part above 0 and up to 1, such as 0.01, not " + part.sample);
        }
    }

    /** Where cached values of somebody else's are only invalidated, there is nothing of the source to compare. */
    private void sayWhatIsNotCompared(Plan plan, List<ReadModel> models) {
        for (ReadModel model : models) {
            List<Target> compared = plan.comparedTargets(model);
            plan.targets(model).stream()
                    .filter(target -> !compared.contains(target))
                    .forEach(target -> spec.commandLine()
                            .getErr()
                            .println("tidemark: " + model.name() + " in " + target.store()
                                    + " is not compared: it only invalidates what others cache"));
        }
        if (!models.isEmpty()
                && models.stream().allMatch(model -> plan.comparedTargets(model).isEmpty())) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "There is nothing to compare in any of these read models");
        }
    }

    /** Said apart from the reports: they speak of read models. */
    private void hintIfNobodyCaptures(Plan plan, List<Report> reports) {
        boolean told = reports.stream().allMatch(each -> each.verdict() != Verdict.COULD_NOT_TELL);
        if (!told && !SlotStatus.read(plan.capture()).active()) {
            spec.commandLine()
                    .getErr()
                    .println("tidemark: nobody reads slot "
                            + plan.config().source().slot()
                            + ": capture is not running. Start 'tidemark run', then reconcile again");
        }
    }

    private List<Report> reconcile(Plan plan, List<ReadModel> models, ProgressLines progress) {
        StoreAccess stores = StoreAccess.ofCaptured(plan);
        new CaptureRecovery(plan.capture()).requireSameSource();
        try (TidemarkFollower tidemarks = new TidemarkFollower(plan.kafkaClient(), plan.topics())) {
            tidemarks.start();
            ReconcileLimits limits =
                    ReconcileLimits.defaults().withTimeout(Duration.ofSeconds(Math.max(1, timeoutSeconds)));
            Reconciliations reconciliations = new Reconciliations(
                    plan, stores, tidemarks, limits, part == null ? UnaryOperator.identity() : part.of(plan));
            Progress lines = (collection, compared) -> progress.tick(collection + ": " + compared + " compared");
            return repair ? reconciliations.repair(models, lines) : reconciliations.run(models, lines);
        }
    }

    static ObjectNode json(List<Report> reports) {
        ObjectNode json = Json.object();
        json.put("exit_code", Reconciliations.exitCode(reports));
        ArrayNode array = json.putArray("reports");
        reports.forEach(each -> array.add(each.toJson()));
        return json;
    }

    /** A report for people: its line, then the first documents that drifted. */
    static void print(Report report, PrintWriter out) {
        out.println(report.text());
        report.drift().stream().limit(DRIFT_SHOWN).forEach(drift -> out.println("  " + text(drift)));
        if (report.driftCount() > DRIFT_SHOWN) {
            out.println("  … and " + (report.driftCount() - DRIFT_SHOWN) + " more; --report FILE keeps more of them");
        }
        if (report.repair() != null) {
            report.repair().left().stream()
                    .limit(DRIFT_SHOWN)
                    .forEach(left -> out.println(
                            "  left as it is: " + left.collection() + " " + left.key() + ": " + left.reason()));
        }
        report.undecided().stream()
                .limit(DRIFT_SHOWN)
                .forEach(undecided -> out.println("  undecided: " + undecided.toJson()));
    }

    private static String text(Drift drift) {
        StringBuilder line = new StringBuilder(drift.kind().name().toLowerCase(Locale.ROOT))
                .append(' ')
                .append(drift.collection())
                .append(' ')
                .append(drift.key());
        if (drift.parked() != null) {
            line.append(" (parked: ").append(drift.parked()).append(')');
        }
        drift.differences().stream().limit(3).forEach(difference -> line.append("; ")
                .append(difference.toJson()));
        return line.toString();
    }

    /** Before the comparison, which may take long. */
    static void requireWritable(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || directory == null || !Files.isDirectory(directory)) {
            throw new TidemarkException(
                    ErrorCode.USAGE,
                    "The report cannot be written to " + file + ": "
                            + (Files.isDirectory(file) ? "it is a directory" : "there is no directory " + directory));
        }
    }

    static void write(Path file, List<Report> reports) {
        boolean page = file.toString().toLowerCase(Locale.ROOT).endsWith(".html");
        try {
            Files.writeString(
                    file, page ? new ReportPage(Instant.now(), reports).html() : Json.pretty(json(reports)) + "\n");
        } catch (IOException e) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION, "The report cannot be written to " + file + ": " + e, e);
        }
    }
}
