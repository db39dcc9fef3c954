package io.tidemark.app.demo;

import io.tidemark.app.config.TidemarkConfig;
import io.tidemark.app.demo.DemoResult.PlaceResult;
import io.tidemark.app.run.Interrupts;
import io.tidemark.app.run.Pipeline;
import io.tidemark.app.run.Plan;
import io.tidemark.app.run.PlanReader;
import io.tidemark.app.run.Reconciliations;
import io.tidemark.app.sql.SqlScript;
import io.tidemark.model.ErrorCode;
import io.tidemark.model.Lsn;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.reconciliation.ReconcileLimits;
import io.tidemark.reconciliation.Report;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The whole of Tidemark on real servers: seeds a source, captures it while traffic runs, waits until the read models have
 * the last commit, and reconciles them. Closing it ends everything it started.
 */
public final class Demo implements AutoCloseable {

    private static final String SHOP_CONFIG = "/demo/tidemark.yml";
    private static final Duration CATCH_UP = Duration.ofMinutes(10);

    /** Part of the traffic that runs while the read models fill; the rest is measured. */
    private static final double DURING_FILL = 0.25;

    private static final double UNLIMITED = Double.POSITIVE_INFINITY;

    private final DemoSettings settings;
    private final Consumer<String> progress;
    private final Consumer<String> tick;
    private final long started = System.nanoTime();
    private final Map<Pipeline.Place, Latencies> latencies = new ConcurrentHashMap<>();
    private final AtomicBoolean measuring = new AtomicBoolean();
    private final List<AutoCloseable> open = new ArrayList<>();
    private @Nullable Running running;

    /**
     * Prepares it.
     *
     * @param progress told what happens
     * @param tick told often how far something is
     */
    public Demo(DemoSettings settings, Consumer<String> progress, Consumer<String> tick) {
        this.settings = settings;
        this.progress = progress;
        this.tick = tick;
    }

    private record Load(long seed, int transactions, double perSecond) {}

    /** What runs once the read models are filled. */
    private record Running(DemoStack stack, Plan plan, Pipeline pipeline, DemoTraffic traffic) {}

    /**
     * Runs it to the end.
     *
     * @throws TidemarkException UNREACHABLE, whatever else came of it, when one of the servers it started has gone
     */
    public DemoResult run() throws InterruptedException {
        settings.own().ifPresent(Demo::requireUsable);
        progress.accept("starting PostgreSQL, Kafka, Elasticsearch and Redis");
        DemoStack stack = opened(DemoStack.start(progress));
        try {
            return run(stack);
        } catch (RuntimeException e) {
            throw explained(stack, e);
        }
    }

    private DemoResult run(DemoStack stack) throws InterruptedException {
        TidemarkConfig config = config(stack);
        seed(stack);
        Plan plan = PlanReader.read(config);
        long rows = countRows(stack, plan.relations());
        progress.accept(String.format(
                "seeded %,d rows in %d tables", rows, plan.relations().size()));

        long fillStarted = System.nanoTime();
        Pipeline pipeline = opened(new Pipeline(plan, stack.directory().resolve("state"), (place, tidemark) -> at(place)
                .applied(tidemark)));
        pipeline.start(report -> tick.accept(report.text()));
        Running filling = new Running(stack, plan, pipeline, opened(traffic(stack, plan)));
        running = filling;
        progress.accept("capturing; traffic runs while the read models fill");
        int early = (int) (settings.transactions() * DURING_FILL);
        long committed = concurrently(filling, new Load(settings.seed(), early, UNLIMITED), tick);
        awaitEverything(filling);
        double fillSeconds = secondsSince(fillStarted);
        progress.accept(String.format("every read model is filled after %.1f s", fillSeconds));

        measuring.set(true);
        int late = settings.transactions() - early;
        committed += concurrently(filling, new Load(settings.seed() + 1, late, settings.perSecond()), tick);
        awaitEverything(filling);
        progress.accept(String.format("%,d transactions committed and applied; reconciling", committed));
        return result(filling, rows, fillSeconds, committed);
    }

    /** Leaves traffic running after {@link #run}, until interrupted or something fails. */
    public void keepUp() throws InterruptedException {
        Running kept = Objects.requireNonNull(running);
        try {
            concurrently(
                    kept, new Load(settings.seed() + 2, Integer.MAX_VALUE, settings.perSecond() / 4), silent -> {});
        } catch (RuntimeException e) {
            throw explained(kept.stack(), e);
        }
    }

    /** When one of the servers has gone, that is the reason of whatever else came of it. */
    private RuntimeException explained(DemoStack stack, RuntimeException failure) {
        if (!Thread.currentThread().isInterrupted()) {
            progress.accept("that failed; stopping everything");
        }
        return stack.gone(failure).orElse(failure);
    }

    /** What is wrong with the user's files is said before servers are started for them. */
    private static void requireUsable(DemoSettings.Own own) {
        SqlScript.load(own.sql());
        loaded(own.config(), DemoStack.exampleVariables());
    }

    private static TidemarkConfig loaded(Path file, Map<String, String> variables) {
        TidemarkConfig config = TidemarkConfig.load(file, name -> variables.getOrDefault(name, System.getenv(name)));
        String source = String.valueOf(variables.get(DemoStack.SOURCE_URL));
        if (!config.source().url().value().equals(source)) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    file + " does not read the demo's own source. Set source.url to \"${" + DemoStack.SOURCE_URL
                            + "}\", as docs/examples/shop/tidemark.yml does, or use 'tidemark run' for a database of"
                            + " yours");
        }
        return config;
    }

    private TidemarkConfig config(DemoStack stack) {
        Path file = settings.own().map(DemoSettings.Own::config).orElseGet(() -> shopConfig(stack.directory()));
        return loaded(file, stack.variables());
    }

    private static Path shopConfig(Path directory) {
        try (InputStream resource = Objects.requireNonNull(Demo.class.getResourceAsStream(SHOP_CONFIG))) {
            Path file = directory.resolve("tidemark.yml");
            Files.copy(resource, file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void seed(DemoStack stack) {
        try (Connection connection = stack.source()) {
            if (settings.own().isPresent()) {
                SqlScript.load(settings.own().get().sql()).run(connection);
                return;
            }
            ShopSchema.create(connection);
            new ShopSeeder(settings.seed(), ShopSize.ofScale(settings.scale())).run(connection);
        } catch (SQLException e) {
            throw new TidemarkException(ErrorCode.FAILED, "The source could not be filled: " + e.getMessage(), e);
        }
    }

    private static long countRows(DemoStack stack, List<Relation> relations) {
        long rows = 0;
        try (Connection connection = stack.source();
                Statement statement = connection.createStatement()) {
            for (Relation relation : relations) {
                try (ResultSet count = statement.executeQuery(
                        "SELECT count(*) FROM " + relation.table().quoted())) {
                    count.next();
                    rows += count.getLong(1);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new TidemarkException(ErrorCode.FAILED, "The source could not be counted: " + e.getMessage(), e);
        }
    }

    private DemoTraffic traffic(DemoStack stack, Plan plan) {
        return settings.own().isPresent()
                ? new DemoTraffic.AnySchema(stack::source, plan.relations())
                : new DemoTraffic.Shop(stack::source);
    }

    /** Runs traffic while watching the pipeline. */
    private long concurrently(Running watched, Load load, Consumer<String> waiting) throws InterruptedException {
        CompletableFuture<Long> committing = CompletableFuture.supplyAsync(
                () -> watched.traffic().run(load.seed(), load.transactions(), load.perSecond(), this::committed));
        try {
            while (true) {
                try {
                    return committing.get(500, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    watched.pipeline().throwFailure();
                    watched.stack().requireAlive();
                    waiting.accept("traffic is running");
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }

    private void committed(Lsn token, long nanos) {
        if (measuring.get()) {
            latencies.values().forEach(each -> each.committed(token, nanos));
        }
    }

    private Latencies at(Pipeline.Place place) {
        return latencies.computeIfAbsent(place, any -> new Latencies());
    }

    private void awaitEverything(Running watched) throws InterruptedException {
        Lsn token = token(watched.stack());
        long deadline = System.nanoTime() + CATCH_UP.toNanos();
        while (!watched.pipeline().await(token, Duration.ofSeconds(2))) {
            watched.stack().requireAlive();
            tick.accept("read models are catching up: " + waiting(watched.pipeline(), token));
            if (System.nanoTime() > deadline) {
                throw new TidemarkException(
                        ErrorCode.TIMEOUT,
                        "The read models did not reach " + token + " within " + CATCH_UP.toMinutes() + " minutes: "
                                + waiting(watched.pipeline(), token));
            }
        }
    }

    private static String waiting(Pipeline pipeline, Lsn token) {
        List<String> waiting = new ArrayList<>();
        pipeline.applied().forEach((place, applied) -> {
            boolean fresh = applied.minimum()
                    .map(tidemark -> !tidemark.lsn().isBefore(token))
                    .orElse(false);
            if (!fresh) {
                waiting.add(place.model() + " in " + place.store());
            }
        });
        return String.join(", ", waiting);
    }

    private static Lsn token(DemoStack stack) {
        try (Connection connection = stack.source();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        } catch (SQLException e) {
            throw new TidemarkException(ErrorCode.FAILED, "No read token could be taken: " + e.getMessage(), e);
        }
    }

    private DemoResult result(Running ended, long rows, double fillSeconds, long committed) {
        Plan plan = ended.plan();
        ReconcileLimits limits = ReconcileLimits.defaults();
        Reconciliations reconciliations = new Reconciliations(
                plan, ended.pipeline().stores(), ended.pipeline().tidemarks(), limits);
        List<Report> reports = reconciliations.run(
                plan.models(),
                (collection, compared) -> tick.accept(String.format("reconciling %s: %,d", collection, compared)));
        List<PlaceResult> places = reports.stream()
                .map(report -> new Pipeline.Place(report.model(), report.store()))
                .map(place -> new PlaceResult(place.model(), place.store(), at(place)))
                .toList();
        ended.stack().requireAlive();
        double seconds = secondsSince(started);
        return new DemoResult(
                rows, fillSeconds, committed, places, reports, ended.stack().urls(), seconds);
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private <T> T opened(T part) {
        if (part instanceof DemoTraffic traffic) {
            open.add(traffic::stop);
        } else {
            open.add((AutoCloseable) part);
        }
        return part;
    }

    @Override
    public void close() {
        Interrupts.holdBack(this::closeAll);
    }

    private void closeAll() {
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception e) {
                progress.accept("while closing: " + e.getMessage());
            }
        }
        open.clear();
    }
}
