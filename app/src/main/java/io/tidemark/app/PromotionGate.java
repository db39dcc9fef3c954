package io.tidemark.app;

import io.tidemark.app.run.Rebuilds;
import io.tidemark.app.run.Reconciliations;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;
import io.tidemark.reconciliation.Report;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What stands between a generation and its readers: that it has everything, and is right. */
final class PromotionGate {

    /** While it is waited for, once it had caught up, nobody can alter the source's tables. */
    private static final Duration STILL_CAUGHT_UP = Duration.ofMinutes(5);

    @Option(names = "--waive-reconciliation", description = "Promote without comparing the generation with the source.")
    private boolean waived;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "86400",
            description = "How long the generation may take to have all the source has (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 86_400;

    Duration timeout() {
        return Duration.ofSeconds(Math.max(1, timeoutSeconds));
    }

    /**
     * Promotes a generation unless it differs from the source.
     *
     * @return the exit code: that of the comparison
     */
    int promote(Rebuilds rebuilds, String model, int number, CommandSpec spec) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        ProgressLines progress = new ProgressLines(err);
        requireCaughtUp(rebuilds, model, number, progress);
        if (!waived) {
            List<Report> reports = rebuilds.reconcile(
                    model,
                    number,
                    timeout().compareTo(STILL_CAUGHT_UP) < 0 ? timeout() : STILL_CAUGHT_UP,
                    (collection, compared) -> progress.tick(collection + ": " + compared + " compared"));
            reports.forEach(report -> ReconcileCommand.print(report, err));
            int exitCode = Reconciliations.exitCode(reports);
            if (exitCode != 0) {
                err.println(
                        "tidemark: " + model + "@" + number
                                + " is not promoted; what readers have goes on. --waive-reconciliation promotes it all the same");
                return exitCode;
            }
        }
        // What was right may have fallen behind since.
        requireCaughtUp(rebuilds, model, number, progress);
        rebuilds.serve(model, number);
        return 0;
    }

    private void requireCaughtUp(Rebuilds rebuilds, String model, int number, ProgressLines progress)
            throws InterruptedException {
        if (!rebuilds.awaitCaughtUp(model, number, timeout(), progress::tick)) {
            throw new TidemarkException(
                    ErrorCode.TIMEOUT,
                    model + "@" + number + " has not all the source has after " + timeoutSeconds
                            + " s, so it is not promoted. Does 'tidemark run' or 'tidemark project' run?");
        }
    }
}
