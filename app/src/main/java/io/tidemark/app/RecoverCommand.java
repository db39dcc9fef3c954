package io.tidemark.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.CaptureRecovery;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.CapturedState;
import io.tidemark.capture.Loss;
import io.tidemark.capture.TableDifference;
import io.tidemark.model.Gap;
import io.tidemark.model.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tidemark recover}: the way back after changes were lost. */
@Command(
        name = "recover",
        description =
                "After a lost slot or a failover: takes a new slot, compares the topics with the source, writes what differs,"
                        + " deletes included, and ends when a tidemark is true again. Then start 'tidemark run' or 'tidemark"
                        + " capture' as ever. Killed, it can be run again; so can they, which go on with it.",
        mixinStandardHelpOptions = true)
final class RecoverCommand implements Callable<Integer> {

    private static final long LOOK_EVERY_MS = 200;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(
            names = "--dry-run",
            description = "Change nothing; say what was lost, and how many rows of each topic differ from the source.")
    private boolean dryRun;

    @Option(
            names = "--other-timeline",
            description =
                    "The source is a standby that was promoted, or a backup that was restored, and the one to go on"
                            + " with: what it never got is taken out of the topics and of the read models.")
    private boolean otherTimeline;

    @Option(names = "--anyway", description = "Compare and correct although nothing is seen to be lost.")
    private boolean anyway;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        CaptureRecovery recovery = new CaptureRecovery(plan.capture());
        if (dryRun) {
            dryRun(plan, recovery);
            return 0;
        }
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        return Shutdown.guard(
                () -> recover(plan, recovery, progress),
                () -> progress.say("stopped; 'tidemark recover', or any capture, goes on with it"));
    }

    private void dryRun(Plan plan, CaptureRecovery recovery) {
        Optional<Loss> loss = recovery.loss();
        ObjectNode json = json(loss);
        CapturedState state =
                CapturedState.read(plan.kafkaClient(), plan.topics()).orElseThrow();
        json.put("tidemark", state.tidemark().toString())
                .put("last_commit", state.commitTime().toString())
                .put("recovering", state.isRecovering());
        ArrayNode tables = json.putArray("tables");
        List<TableDifference> differences = recovery.differences();
        differences.forEach(each -> tables.addObject()
                .put("table", each.table().toString())
                .put("rows", each.rows())
                .put("missing", each.missing())
                .put("different", each.different())
                .put("extra", each.extra()));
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(json));
            return;
        }
        out.println(loss.map(Loss::what).orElse("nothing is lost: capture goes on from its slot"));
        out.println("captured up to tidemark " + state.tidemark() + ", last commit " + state.commitTime());
        differences.forEach(each -> out.println(text(each)));
    }

    private static String text(TableDifference table) {
        return table.table() + ": " + table.rows() + " rows, "
                + (table.all() == 0
                        ? "the topic has them all"
                        : table.missing() + " missing in the topic, " + table.different() + " different, "
                                + table.extra() + " to be deleted");
    }

    private int recover(Plan plan, CaptureRecovery recovery, ProgressLines progress) throws InterruptedException {
        List<Gap> known = ended(CapturedState.read(plan.kafkaClient(), plan.topics()));
        Optional<Loss> loss = recovery.begin(otherTimeline, anyway);
        loss.ifPresent(each -> progress.say(each.what() + " Topics are compared with the source"));
        if (isDone(state(plan))) {
            tell(json(Optional.empty()), "nothing is lost: capture goes on from its slot");
            return 0;
        }
        try (CaptureRunner capture = new CaptureRunner(plan.capture(), report -> progress.tick(report.text()))) {
            capture.start();
            awaitDone(plan, capture);
        }
        CapturedState state = state(plan);
        ObjectNode json = json(loss).put("tidemark", state.tidemark().toString());
        Optional<Gap> gap =
                state.gaps().stream().filter(each -> !known.contains(each)).reduce((one, next) -> next);
        gap.ifPresent(each -> json.set("gap", each.toJson()));
        tell(
                json,
                gap.map(RecoverCommand::text).orElse("recovered") + ". Now start 'tidemark run' or 'tidemark capture'");
        return 0;
    }

    /** Gaps that were mended before. */
    private static List<Gap> ended(Optional<CapturedState> state) {
        return state.stream()
                .flatMap(each -> each.gaps().stream())
                .filter(gap -> !gap.isOpen())
                .toList();
    }

    private static String text(Gap gap) {
        return gap.written() + " rows were written and " + gap.deleted() + " deleted; what happened between tidemarks "
                + gap.from() + " and " + gap.to()
                + " is not known, and logical messages that were written then and not captured are lost";
    }

    private static CapturedState state(Plan plan) {
        return CapturedState.read(plan.kafkaClient(), plan.topics()).orElseThrow();
    }

    private static boolean isDone(CapturedState state) {
        return !state.isRecovering() && state.filling().isEmpty();
    }

    private static void awaitDone(Plan plan, CaptureRunner capture) throws InterruptedException {
        while (!isDone(state(plan))) {
            if (capture.ended().isDone()) {
                capture.awaitEnd();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private static ObjectNode json(Optional<Loss> loss) {
        ObjectNode json = Json.object();
        json.put(
                "lost",
                loss.map(each -> each.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .orElse(null));
        json.put("what", loss.map(Loss::what).orElse(null));
        return json;
    }

    private void tell(ObjectNode json, String text) {
        spec.commandLine().getOut().println(options.json() ? Json.text(json) : text);
    }
}
