package io.tidemark.app.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.MainProcess;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.model.DocumentsLog.Section;
import io.tidemark.app.model.MarkerJudge.Finding;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Json;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;

/**
 * Random definitions over a random history, assembled for real: tables, capture, topics and assemblers of its own on the
 * shared servers.
 *
 * <p>The seed gives the tables, the definitions and the transactions. How they meet in time it does not give, and a run
 * takes seconds, so a failure is not made smaller by running parts of it again: its report is, to the first marker that
 * is not true, the transactions since the one before, and the part of the definition that differs.
 */
final class ModelRun implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LINES = 12;
    private static final int LONGEST_BEFORE_KILL_MS = 1_500;

    /** Each nested table is topics and stores in every partition; so many fit into a test's time. */
    private static final int NODES_BY_PARTITIONS = 24;

    private final long seed;
    private final Chance chance;
    private final Path directory;
    private final String prefix =
            "model" + NUMBER.incrementAndGet() + "x" + ProcessHandle.current().pid();
    private final int partitions;
    private final RandomSchema schema;
    private final ObjectNode readModels = Json.object();
    private final RandomHistory history;
    private final List<Instance> instances = new ArrayList<>();
    private final Map<Path, MainProcess> processes = new TreeMap<>();
    private int started;
    private int commitsBeforeCapture;
    private Connection connection;
    private Plan plan;
    private WrittenSource source;
    private CaptureRunner capture;
    private DocumentsLog documents;

    /**
     * Makes up everything that is to be random.
     *
     * @param directory for the assemblers' state
     */
    ModelRun(long seed, Path directory) {
        this.seed = seed;
        this.directory = directory.resolve(prefix);
        chance = new Chance(seed);
        partitions = chance.pick(List.of(1, 2, 3, 5, 8));
        schema = RandomSchema.of(chance);
        int models = partitions > 2 ? chance.between(1, 2) : chance.between(1, 3);
        int nodes = Math.min(7, Math.max(2, NODES_BY_PARTITIONS / (partitions * models)));
        for (int number = 1; number <= models; number++) {
            String name = "m" + number;
            readModels.set(name, RandomDefinition.of(schema, name, nodes, chance));
        }
        history = new RandomHistory(schema, chance);
    }

    /** All that the seed gave but the history. */
    String description() {
        return "seed " + seed + ", " + partitions + " partitions\n" + schema.ddl() + "\n" + Json.pretty(readModels);
    }

    /** Makes the tables, with something in them, and starts to capture them. */
    void start() throws Exception {
        String url = SharedStack.freshDatabase();
        connection = DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(schema.ddl());
        }
        connection.commit();
        Files.createDirectories(directory);
        Files.writeString(configFile(), Json.pretty(config(url)));
        plan = PlanReader.read(TidemarkConfig.load(configFile()));
        source = new WrittenSource(connection, Instance.documents(plan), schema.mayRefuse());
        write(chance.between(0, 15));
        commitsBeforeCapture = source.commits().size();
        capture = new CaptureRunner(plan.capture(), SnapshotProgress.NONE);
        capture.start();
        capture.awaitOwned();
        capture.awaitCovered();
    }

    private Path configFile() {
        return directory.resolve("tidemark.yml");
    }

    /** JSON is YAML. No store is ever asked. */
    private ObjectNode config(String url) {
        ObjectNode config = Json.object();
        config.putObject("source")
                .put("url", url)
                .put("user", SharedStack.postgres().superuser())
                .put("password", SharedStack.postgres().password())
                .put("tables", "public.*");
        config.putObject("kafka")
                .put("bootstrap.servers", SharedStack.kafka().bootstrapServers())
                .put("prefix", prefix)
                .put("partitions", partitions);
        config.putObject("stores").putObject("cache").putObject("redis").put("url", "redis://localhost:1");
        config.set("read-models", readModels);
        return config;
    }

    /** Runs so many transactions of the history. */
    void write(int transactions) throws SQLException {
        for (int i = 0; i < transactions; i++) {
            List<String> statements = history.transaction();
            if (chance.oneIn(15)) {
                source.abort(statements);
            } else {
                source.commit(statements);
            }
        }
    }

    /** Starts one more instance of the assemblers. */
    void assemble() throws InterruptedException {
        instances.add(Instance.start(plan, newState()));
        follow();
    }

    /** Starts one more instance as a process of its own. */
    void assembleApart() throws IOException {
        assembleApart(newState());
        follow();
    }

    private void assembleApart(Path state) throws IOException {
        MainProcess process = InstanceProcess.start(directory, configFile(), state);
        processes.put(state, process);
        process.awaitSaying(InstanceProcess.ASSEMBLES);
    }

    private Path newState() {
        return directory.resolve("state" + ++started);
    }

    private void follow() {
        if (documents == null) {
            documents = new DocumentsLog(
                    plan.kafkaClient(),
                    Instance.documents(plan).stream()
                            .map(model -> plan.topics().documents(model.name()))
                            .toList());
        }
    }

    /** A second instance comes; of two, the one that was there longer goes, or gives way to one without state. */
    void changeInstances() throws InterruptedException {
        boolean alone = instances.size() == 1;
        if (!alone) {
            instances.remove(0).close();
        }
        if (alone || chance.oneIn(2)) {
            assemble();
        }
    }

    /** Kills a process at its work. Another one comes, with the state of the killed one or without any. */
    void killInstance() throws IOException, InterruptedException {
        Path state = chance.pick(List.copyOf(processes.keySet()));
        MainProcess process = processes.remove(state);
        process.runFor(chance.between(0, LONGEST_BEFORE_KILL_MS));
        process.requireAlive();
        process.kill();
        assembleApart(chance.oneIn(2) ? state : newState());
    }

    /** Waits until every partition has a marker for all that was written. */
    void awaitMarkers() throws SQLException, InterruptedException, ExecutionException {
        Lsn token = source.token();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!documents.passed(token)) {
            throwFailure();
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "No markers for " + token + " within " + PATIENCE.toSeconds() + " s, seed " + seed);
            }
            documents.poll();
        }
    }

    private void throwFailure() throws InterruptedException, ExecutionException {
        if (capture.ended().isDone()) {
            capture.ended().get();
        }
        for (Instance instance : instances) {
            instance.throwFailure();
        }
        processes.values().forEach(MainProcess::requireAlive);
    }

    /**
     * Holds every marker of every partition against the source.
     *
     * @return at how many different tidemarks
     */
    int judge() {
        MarkerJudge judge =
                new MarkerJudge(source.commits(), commitsByPosition(), commitsBeforeCapture - 1, partitions);
        List<Finding> findings = new ArrayList<>();
        for (DocumentModel model : Instance.documents(plan)) {
            documents.sections().forEach((partition, sections) -> {
                if (partition.topic().equals(plan.topics().documents(model.name()))) {
                    judge.judge(model.name(), partition.partition(), sections).ifPresent(findings::add);
                }
            });
        }
        findings.stream().min(Comparator.comparing(Finding::at)).ifPresent(first -> {
            throw new AssertionError(report(first, judge));
        });
        return documents.sections().values().stream()
                .flatMap(List::stream)
                .map(Section::marker)
                .map(marker -> marker.number())
                .collect(Collectors.toSet())
                .size();
    }

    /** How many documents, and ends of documents, were sent. */
    long sent() {
        return documents.sections().values().stream()
                .flatMap(List::stream)
                .mapToLong(section -> section.sent().size())
                .sum();
    }

    /** Tidemarks say which transaction has which position. Not all have one: some changed nothing. */
    private NavigableMap<Long, Integer> commitsByPosition() {
        Map<Long, Integer> byXid = new HashMap<>();
        for (int i = commitsBeforeCapture; i < source.commits().size(); i++) {
            byXid.put(source.commits().get(i).xid(), i);
        }
        NavigableMap<Long, Integer> byPosition = new TreeMap<>();
        try (TopicReader tidemarks =
                new TopicReader(plan.kafkaClient(), List.of(plan.topics().tidemarks()))) {
            tidemarks.readAll(record -> Tidemark.fromJson(Json.parse(record.value())).transactions().stream()
                    .filter(transaction -> byXid.containsKey(transaction.xid()))
                    .forEach(transaction -> byPosition.put(transaction.position(), byXid.get(transaction.xid()))));
        }
        return byPosition;
    }

    private String report(Finding finding, MarkerJudge judge) {
        StringBuilder report = new StringBuilder("seed " + seed + ": partition " + finding.partition() + " of "
                + finding.model() + " is wrong at marker " + finding.at() + ":\n");
        finding.lines().stream()
                .limit(LINES)
                .forEach(line -> report.append("  ").append(line).append('\n'));
        report.append("It was right at ").append(finding.rightAt()).append(". Transactions since:\n");
        judge.between(finding.rightAt(), finding.at().number()).forEach((position, commit) -> report.append("  ")
                .append(position)
                .append(": ")
                .append(String.join("; ", commit.statements()))
                .append('\n'));
        ObjectNode definition = (ObjectNode) readModels.get(finding.model());
        return report.append(schema.ddl())
                .append('\n')
                .append(Json.pretty(Excerpt.of(definition, finding.names())))
                .toString();
    }

    /** Stops everything and leaves nothing on the servers. */
    @Override
    public void close() throws SQLException {
        instances.forEach(Instance::close);
        killProcesses();
        if (documents != null) {
            documents.close();
        }
        if (capture != null) {
            capture.close();
            deleteTopics();
            dropSlot();
        }
        if (connection != null) {
            connection.close();
        }
    }

    private void killProcesses() {
        try {
            for (MainProcess process : processes.values()) {
                process.kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deleteTopics() {
        try (Admin admin = Admin.create(new HashMap<>(plan.kafkaClient()))) {
            Set<String> own = admin.listTopics().names().get().stream()
                    .filter(topic -> topic.startsWith(prefix + "."))
                    .collect(Collectors.toSet());
            admin.deleteTopics(own).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The topics of " + prefix + " are still there", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void dropSlot() throws SQLException {
        connection.rollback();
        Awaitility.await("the slot of " + prefix + " is free").until(() -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                                    + " WHERE database = current_database() AND NOT active")) {
                boolean dropped = row.next();
                connection.commit();
                return dropped;
            }
        });
    }
}
