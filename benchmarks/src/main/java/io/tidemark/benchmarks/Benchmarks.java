package io.tidemark.benchmarks;

import io.tidemark.benchmarks.DebeziumServerToKafka.Distribution;
import io.tidemark.model.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command of this module. Exit code 0: every target was met, 1: one was not, 2: usage, 3: a run failed. */
@Command(
        name = "benchmarks",
        description =
                "Measures capture and read models against their peers, by turns, on real servers; docs/benchmarks.md.",
        mixinStandardHelpOptions = true)
public final class Benchmarks implements Callable<Integer> {

    /** What can be asked for. */
    enum What {
        ALL,
        NOTHING,
        KAFKA,
        LATENCY,
        MEMORY,
        SNAPSHOT,
        WRITERS,
        VISIBLE,
        FANOUT,
        CHILDREN,
        ASSEMBLY,
        STATE,
        RECONCILE
    }

    @Parameters(paramLabel = "WHAT", defaultValue = "all", description = "${COMPLETION-CANDIDATES} (default: all).")
    private List<What> what = List.of(What.ALL);

    @Option(names = "--pairs", defaultValue = "5", description = "Alternating runs (default: ${DEFAULT-VALUE}).")
    private int pairs = 5;

    @Option(names = "--scale", defaultValue = "1", description = "Of the backlogs (default: ${DEFAULT-VALUE}).")
    private double scale = 1;

    @Option(names = "--rows", defaultValue = "5000000", description = "Of the snapshot (default: ${DEFAULT-VALUE}).")
    private int rows = 5_000_000;

    @Option(names = "--wide-rows", defaultValue = "20000", description = "Rows of 1 MB (default: ${DEFAULT-VALUE}).")
    private int wideRows = 20_000;

    @Option(
            names = "--child-rows",
            defaultValue = "10000000",
            description = "Most of an assembler's state: 100000, 1000000 or 10000000 (default: ${DEFAULT-VALUE}).")
    private int childRows = 10_000_000;

    @ArgGroup(exclusive = false, multiplicity = "0..1", heading = "%nDebezium Server, compared where it is given:%n")
    private @Nullable ServerOptions server;

    private static final class ServerOptions {
        @Option(
                names = "--debezium-server",
                paramLabel = "DIR",
                required = true,
                description = "Unpacked distribution.")
        private Path home = Path.of("");

        @Option(names = "--java21", paramLabel = "DIR", required = true, description = "A JDK 21 or newer to run it.")
        private Path java = Path.of("");
    }

    @Option(
            names = "--stores",
            split = ",",
            defaultValue = "elasticsearch,redis,sql",
            description = "Stores of writers and visible (default: ${DEFAULT-VALUE}).")
    private List<TopicToStore.Store> stores = List.of(TopicToStore.Store.values());

    @Option(
            names = "--jdbc-sink",
            paramLabel = "DIR",
            description = "Debezium's JDBC sink, unpacked; compared where it is given.")
    private @Nullable Path jdbcSink;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "benchmarks/target/benchmarks.json",
            description = "Where the JSON goes (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    Benchmarks() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Benchmarks())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Benchmarks::failed)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (pairs < 1 || !(scale > 0) || childRows < 100_000 || wideRows < 1 || rows < 2) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--pairs, --scale, --rows and --wide-rows must be greater than nothing, --child-rows 100000 or more");
        }
        PrintWriter err = spec.commandLine().getErr();
        List<Measurement> measured = new ArrayList<>();
        for (Scenario scenario : scenarios()) {
            try (Testbed testbed = Testbed.start(scenario.servers())) {
                measured.addAll(scenario.run(new Session(testbed, pairs, scale, wideRows, err::println)));
            }
            write(new Report(Instant.now(), pairs, scale, measured));
        }
        return measured.stream().allMatch(Measurement::met) ? 0 : 1;
    }

    private List<Scenario> scenarios() {
        Map<What, Scenario> all = new EnumMap<>(What.class);
        all.put(What.NOTHING, new StreamToNothing());
        all.put(What.KAFKA, new StreamToKafka(debeziumServer()));
        all.put(What.LATENCY, new CommitToTopic());
        all.put(What.MEMORY, new Memory());
        all.put(What.SNAPSHOT, new SnapshotToKafka(rows));
        all.put(What.WRITERS, new TopicToStore(EnumSet.copyOf(stores), Optional.ofNullable(jdbcSink)));
        all.put(What.VISIBLE, new CommitToVisible(EnumSet.copyOf(stores)));
        all.put(What.FANOUT, new SharedReference());
        all.put(What.CHILDREN, new WideParent());
        all.put(What.ASSEMBLY, new Assembly());
        all.put(What.STATE, new StateSize(childRows));
        all.put(What.RECONCILE, new ReconciledMirror());
        if (!what.contains(What.ALL)) {
            all.keySet().retainAll(what);
        }
        return List.copyOf(all.values());
    }

    private Optional<Distribution> debeziumServer() {
        return Optional.ofNullable(server).map(given -> new Distribution(given.home, given.java));
    }

    private void write(Report report) throws IOException {
        Path parent = out.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(out, Json.pretty(report.toJson()));
        report.lines().forEach(spec.commandLine().getOut()::println);
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        command.getErr().println("benchmarks: " + failure.getMessage());
        return 3;
    }
}
