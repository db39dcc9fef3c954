package io.tidemark.app;

import io.tidemark.app.demo.Demo;
import io.tidemark.app.demo.DemoResult;
import io.tidemark.app.demo.DemoSettings;
import io.tidemark.localstack.LocalStackException;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tidemark demo}: everything, local and real. */
@Command(
        name = "demo",
        description = {
            "Starts real servers, seeds a shop, runs traffic, fills read models and reconciles them.",
            "Exit code 0: no drift, 1: drift, 2: could not tell or not set up, 3: a server failed."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    @Option(
            names = "--scale",
            paramLabel = "N",
            defaultValue = "1",
            description = "Size of the shop; 1 has 50,000 orders (default: ${DEFAULT-VALUE}).")
    private double scale = 1;

    @Option(
            names = "--transactions",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Transactions of the traffic (default: ${DEFAULT-VALUE}).")
    private int transactions = 2000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "100",
            description = "Commits per second while latency is measured (default: ${DEFAULT-VALUE}).")
    private double rate = 100;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Seed of data and traffic (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(names = "--keep", description = "Stay up, with traffic, until Ctrl-C.")
    private boolean keep;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @ArgGroup(exclusive = false, multiplicity = "0..1", heading = "%nYour own schema and read models:%n")
    private @Nullable OwnOptions own;

    private static final class OwnOptions {
        @Option(names = "--sql", paramLabel = "FILE", required = true, description = "Creates and fills your tables.")
        private Path sql = Path.of("");

        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                required = true,
                description = "Read models over them; may use the variables of docs/examples/shop/tidemark.yml.")
        private Path config = Path.of("");
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!(scale > 0) || scale > 1000 || transactions < 0 || !(rate > 0)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--scale must be above 0 and at most 1000, --rate above 0, --transactions not negative");
        }
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        Optional<DemoSettings.Own> files =
                Optional.ofNullable(own).map(options -> new DemoSettings.Own(options.sql, options.config));
        DemoSettings settings = new DemoSettings(scale, transactions, seed, rate, files);
        return Shutdown.guard(
                () -> run(settings, progress),
                () -> progress.say("stopped before the end; nothing of it is left running"));
    }

    private int run(DemoSettings settings, ProgressLines progress) throws InterruptedException {
        try (Demo demo = new Demo(settings, progress::say, progress::tick)) {
            DemoResult result = demo.run();
            print(result);
            if (keep) {
                spec.commandLine().getErr().println("Staying up, with traffic. Ctrl-C ends everything.");
                demo.keepUp();
            }
            return result.exitCode();
        } catch (LocalStackException e) {
            throw new TidemarkException(code(e), String.valueOf(e.getMessage()), e);
        }
    }

    /** What this machine lacks is its set-up; what started and failed is a system that does not answer. */
    private static ErrorCode code(LocalStackException failure) {
        return switch (failure.reason()) {
            case SERVERS_MISSING, PLATFORM, DIRECTORY -> ErrorCode.CONFIGURATION;
            default -> ErrorCode.UNREACHABLE;
        };
    }

    private void print(DemoResult result) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.json()) {
            out.println(Json.text(result.toJson()));
        } else {
            out.println();
            result.lines().forEach(out::println);
            result.reports().stream()
                    .filter(report -> report.driftCount() > 0 || report.undecidedCount() > 0)
                    .forEach(report -> ReconcileCommand.print(report, out));
        }
        out.flush();
    }
}
