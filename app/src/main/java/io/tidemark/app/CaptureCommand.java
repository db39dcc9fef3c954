package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Inspection;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.CaptureProof;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SlotGuard;
import io.tidemark.model.Json;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tidemark capture}: the source into the topics, and the proof that all of it is there. */
@Command(
        name = "capture",
        description = "Captures the source into the change topics and builds no read model, until stopped.",
        mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {

    private static final int FAULTS_EXIT_CODE = 1;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(
            names = "--verify",
            description = "Capture nothing; read the topics up to the newest tidemark and prove that every transaction"
                    + " in their history is there once, whole, in commit order. Exit code 0: it is, 1: it is not.")
    private boolean verify;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        TidemarkConfig config = TidemarkConfig.load(options.config());
        if (verify) {
            return verify(PlanReader.read(config));
        }
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        return Shutdown.guard(
                () -> capture(config, progress), () -> progress.say("stopped; goes on from here next time"));
    }

    private int capture(TidemarkConfig config, ProgressLines progress) throws InterruptedException {
        try (Serving serving = Serving.of(config)) {
            return capture(Inspection.of(config).plan(), serving, progress);
        }
    }

    private int capture(Plan plan, Serving serving, ProgressLines progress) throws InterruptedException {
        try (SlotGuard guard = new SlotGuard(plan.capture(), progress::say);
                CaptureRunner capture = new CaptureRunner(plan.capture(), report -> progress.tick(report.text()))) {
            guard.start();
            serving.start(plan, Optional.of(guard), progress::say);
            serving.observer().capture(capture);
            capture.start();
            capture.awaitOwned();
            capture.awaitCovered();
            progress.say("capturing " + plan.relations().size() + " tables. Ctrl-C stops.");
            if (options.json()) {
                spec.commandLine().getOut().println(Json.text(Json.object().put("running", true)));
            }
            capture.awaitEnd();
            return 0;
        }
    }

    private int verify(Plan plan) {
        CaptureProof proof = CaptureProof.of(plan.capture());
        PrintWriter out = spec.commandLine().getOut();
        out.println(options.json() ? Json.text(proof.toJson()) : proof.text());
        return proof.whole() ? 0 : FAULTS_EXIT_CODE;
    }
}
