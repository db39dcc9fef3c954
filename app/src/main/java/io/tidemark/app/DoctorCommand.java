package io.tidemark.app;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.run.Diagnosis;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code tidemark doctor}: everything that keeps the source from being captured, or will, and the SQL that mends it. */
@Command(
        name = "doctor",
        description = {
            "Examines the source: server, role, publication, tables, slot, disk, clock. Each finding comes with the SQL"
                    + " that mends it. Tries Kafka and every store. Changes nothing.",
            "Exit code 0: nothing worse than warnings. 1: errors. 2: the configuration is wrong. 3: a system is"
                    + " unreachable."
        },
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Diagnosis diagnosis = Diagnosis.of(TidemarkConfig.load(options.config()));
        DoctorReport report = new DoctorReport(diagnosis);
        PrintWriter out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(Json.text(report.json()));
        } else {
            report.lines().forEach(out::println);
        }
        int problem = diagnosis.problems().report(spec.commandLine().getErr());
        return problem == ErrorCode.CONFIGURATION.exitCode() || !diagnosis.hasErrors() ? problem : 1;
    }
}
