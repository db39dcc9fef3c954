package io.tidemark.app;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code tidemark} command. */
@Command(
        name = "tidemark",
        description = "Keeps read models in step with a PostgreSQL database, and proves it.",
        mixinStandardHelpOptions = true,
        version = "tidemark 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            CheckCommand.class,
            DoctorCommand.class,
            RunCommand.class,
            CaptureCommand.class,
            ProjectCommand.class,
            SnapshotCommand.class,
            ReconcileCommand.class,
            RecoverCommand.class,
            PlanCommand.class,
            RebuildCommand.class,
            PromoteCommand.class,
            RollbackCommand.class,
            DropCommand.class,
            StatusCommand.class,
            TokenCommand.class,
            WaitCommand.class,
            ParkedCommand.class
        })
public final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run()
    private CommandSpec spec;

    Main() {}

    public static void main(String[] arguments) {
        if (List.of(arguments).contains("-v") || List.of(arguments).contains("--verbose")) {
            System.setProperty("tidemark.log.level", "INFO");
        }
        PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
        PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
        Shutdown.exit(run(out, err, arguments));
    }

    /** Runs the command and gives its exit code; results go to {@code out}, everything else to {@code err}. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine command = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::usage)
                .setExecutionExceptionHandler(Failures::execution);
        int exitCode = command.execute(arguments);
        out.flush();
        err.flush();
        return exitCode;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do; 'tidemark --help' lists the commands");
    }
}
