package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.CapturedState;
import io.tidemark.capture.SlotStatus;
import io.tidemark.capture.SnapshotRequests;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.TableId;
import io.tidemark.model.TidemarkException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark snapshot}: a running capture reads a table once more. */
@Command(
        name = "snapshot",
        description =
                "Has the running capture read all rows of a table again, while it goes on: rows its topic lacks or has"
                        + " wrong are mended, rows that are no more are deleted. Tidemarks and read models go on meanwhile.",
        mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {

    private static final int NOT_YET_EXIT_CODE = 2;
    private static final long LOOK_EVERY_MS = 500;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Parameters(paramLabel = "TABLE", description = "A captured table, as schema.table.")
    private String table = "";

    @Option(names = "--no-wait", description = "Return when the wish is in the source's WAL.")
    private boolean noWait;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Plan plan = PlanReader.read(TidemarkConfig.load(options.config()));
        TableId wanted = captured(plan);
        if (CapturedState.read(plan.kafkaClient(), plan.topics()).isEmpty()) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "Nothing was captured under prefix '" + plan.topics().prefix()
                            + "' yet; the first 'tidemark run' or 'tidemark capture' reads every table");
        }
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        Lsn asked = SnapshotRequests.ask(plan.capture().source(), wanted);
        if (!noWait && !SlotStatus.read(plan.capture()).active()) {
            progress.say("nobody reads slot " + plan.config().source().slot()
                    + ": capture is not running. It reads the table when it is started");
            return NOT_YET_EXIT_CODE;
        }
        long rows = noWait ? 0 : awaitRead(plan, wanted, asked, progress);
        if (options.json()) {
            spec.commandLine()
                    .getOut()
                    .println(Json.text(Json.object()
                            .put("table", wanted.toString())
                            .put("asked_at", asked.toString())
                            .put("done", !noWait)));
        } else {
            progress.say(noWait ? "asked at " + asked : wanted + " was read again, " + rows + " rows");
        }
        return 0;
    }

    private TableId captured(Plan plan) {
        return plan.capture().tables().stream()
                .filter(each -> each.toString().equals(table))
                .findFirst()
                .orElseThrow(() -> new TidemarkException(
                        ErrorCode.USAGE,
                        "Table '" + table + "' is not captured; captured are "
                                + plan.capture().tables()));
    }

    /** Waits until capture knows of the wish and has done it; says how many rows it was seen to read. */
    private static long awaitRead(Plan plan, TableId wanted, Lsn asked, ProgressLines progress)
            throws InterruptedException {
        long rows = 0;
        while (true) {
            Optional<CapturedState> state = CapturedState.read(plan.kafkaClient(), plan.topics())
                    .filter(each -> !each.reached().isBefore(asked));
            if (state.isPresent()) {
                Long soFar = state.get().filling().get(wanted);
                if (soFar == null) {
                    return rows;
                }
                rows = soFar;
                progress.tick("snapshot of " + wanted + ": " + rows + " rows so far");
            }
            if (!SlotStatus.read(plan.capture()).active()) {
                throw new TidemarkException(
                        ErrorCode.UNREACHABLE,
                        "Capture ended before " + wanted + " was read; it goes on with that when it is started again");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
