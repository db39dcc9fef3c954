package io.tidemark.app.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.demo.ShopSchema;
import io.tidemark.app.demo.ShopSeeder;
import io.tidemark.app.demo.ShopSize;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.model.Lsn;
import io.tidemark.model.RowKey;
import io.tidemark.model.Tidemark;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.reconciliation.Progress;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import io.tidemark.reconciliation.Verdict;
import io.tidemark.testkit.SharedStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;

/** A source, its read models and a configuration of their own on the shared servers, for one test. */
public final class Slice implements AutoCloseable {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String sourceUrl = SharedStack.freshDatabase();
    private final String warehouseUrl = SharedStack.freshDatabase();
    private final String own;
    private final Path configFile;
    private final Path state;
    private Pipeline pipeline;

    /**
     * Takes an example's configuration with names of its own for topics, indexes and keys.
     *
     * @param name of the example's directory
     */
    public Slice(Path directory, String name) throws IOException {
        this(directory, name, UnaryOperator.identity());
    }

    /** The same with an example's text edited first. */
    public Slice(Path directory, String name, UnaryOperator<String> edit) throws IOException {
        this(directory, name, edit.apply(Files.readString(Path.of("..", "docs", "examples", name, "tidemark.yml"))));
    }

    /**
     * Takes a configuration that is written like the examples.
     *
     * @param name that everything of it is called by
     */
    public Slice(Path directory, String name, Path file) throws IOException {
        this(directory, name, Files.readString(file));
    }

    private Slice(Path directory, String name, String written) throws IOException {
        own = name + NUMBER.incrementAndGet() + "x" + ProcessHandle.current().pid();
        String text = written.replaceAll("prefix: \\w+", "prefix: " + own)
                .replaceAll("(?m)^  ([a-z-]+):$", "  $1-" + own + ":")
                .replaceAll("search: ([a-z-]+),", "search: $1-" + own + ",")
                .replaceAll("cache: \"([a-z-]+):", "cache: \"$1-" + own + ":");
        for (Map.Entry<String, String> variable : variables().entrySet()) {
            text = text.replace("${" + variable.getKey() + "}", variable.getValue());
        }
        configFile = directory.resolve(own + ".yml");
        state = directory.resolve("state");
        Files.writeString(configFile, text);
    }

    private Map<String, String> variables() {
        String user = SharedStack.postgres().superuser();
        String password = SharedStack.postgres().password();
        return Map.of(
                "SOURCE_URL", sourceUrl,
                "SOURCE_USER", user,
                "SOURCE_PASSWORD", password,
                "KAFKA_SERVERS", SharedStack.kafka().bootstrapServers(),
                "SEARCH_URL", SharedStack.elasticsearch().url(),
                "CACHE_URL", SharedStack.redis().url(),
                "WAREHOUSE_URL", warehouseUrl,
                "WAREHOUSE_USER", user,
                "WAREHOUSE_PASSWORD", password);
    }

    /** The name here of a model of the example. */
    public String model(String name) {
        return name + "-" + own;
    }

    public Path configFile() {
        return configFile;
    }

    /** Where the assemblers keep their state. */
    public Path state() {
        return state;
    }

    public Plan plan() {
        return PlanReader.read(TidemarkConfig.load(configFile));
    }

    /** Creates the shop's tables in the source and seeds them. */
    public void seedShop(long seed, int customers, int products, int orders) throws SQLException {
        try (Connection connection = source()) {
            ShopSchema.create(connection);
            new ShopSeeder(seed, new ShopSize(customers, products, orders)).run(connection);
        }
    }

    public Connection source() throws SQLException {
        return connect(sourceUrl);
    }

    public Connection warehouse() throws SQLException {
        return connect(warehouseUrl);
    }

    /** Runs a statement in the source, or several. */
    public void execute(String sql) throws SQLException {
        execute(sourceUrl, sql);
    }

    /** The same in the warehouse. */
    public void executeInWarehouse(String sql) throws SQLException {
        execute(warehouseUrl, sql);
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Name of the warehouse's database. */
    public String warehouseName() {
        return warehouseUrl.substring(warehouseUrl.lastIndexOf('/') + 1);
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(
                url, SharedStack.postgres().superuser(), SharedStack.postgres().password());
    }

    public Lsn token() throws SQLException {
        try (Connection connection = source()) {
            return Tidemark.token(connection);
        }
    }

    public void start() throws InterruptedException {
        pipeline = new Pipeline(plan(), state, (place, tidemark) -> {});
        pipeline.start(SnapshotProgress.NONE);
    }

    public void stop() {
        if (pipeline != null) {
            pipeline.close();
            pipeline = null;
        }
    }

    /** Waits until every read model has what is committed now. */
    public void awaitEverything() throws SQLException, InterruptedException {
        Lsn token = token();
        Assertions.assertThat(pipeline.await(token, Duration.ofMinutes(2)))
                .as("read models fresh for %s", token)
                .isTrue();
    }

    public List<Report> reconcile() {
        Plan plan = plan();
        return new Reconciliations(plan, pipeline.stores(), pipeline.tidemarks(), ReconcileLimits.defaults())
                .run(plan.models(), Progress.NONE);
    }

    /** The same, and mends what drifted. */
    public List<Report> repair() {
        Plan plan = plan();
        return new Reconciliations(plan, pipeline.stores(), pipeline.tidemarks(), ReconcileLimits.defaults())
                .repair(plan.models(), Progress.NONE);
    }

    /** Where a model of the example has its documents in one of its stores. */
    public Target target(String model, String store) {
        Plan plan = plan();
        return target(plan, plan.model(model(model)), store);
    }

    private static Target target(Plan plan, ReadModel model, String store) {
        return plan.targets(model).stream()
                .filter(target -> target.store().equals(store))
                .findFirst()
                .orElseThrow();
    }

    /** The document of a key as a store has it. */
    public Optional<ObjectNode> document(String model, String store, RowKey key) {
        return Optional.ofNullable(documents(model, store, List.of(key)).get(key));
    }

    /** Those of these keys that a store has. */
    public Map<RowKey, ObjectNode> documents(String model, String store, List<RowKey> keys) {
        Plan plan = plan();
        ReadModel read = plan.model(model(model));
        Map<RowKey, ObjectNode> found = new HashMap<>();
        try (DocumentReader reader = StoreAccess.ofCaptured(plan).reader(read, target(plan, read, store))) {
            reader.get(read.name(), keys).forEach((key, stored) -> found.put(key, stored.body()));
        }
        return found;
    }

    /**
     * Reconciles everything and requires that it equals the source.
     *
     * @param count of the reports: one for each store of each read model
     */
    public void assertNoDrift(int count) {
        assertNoDrift(reconcile(), count);
    }

    /** The same, of reports that somebody else asked for. */
    public static void assertNoDrift(List<Report> reports, int count) {
        Assertions.assertThat(reports).hasSize(count).allSatisfy(report -> {
            Assertions.assertThat(report.verdict()).as(report.text()).isEqualTo(Verdict.NO_DRIFT);
            Assertions.assertThat(report.compared()).isPositive();
        });
    }

    @Override
    public void close() throws SQLException {
        stop();
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                + " WHERE database = current_database() AND NOT active");
    }
}
