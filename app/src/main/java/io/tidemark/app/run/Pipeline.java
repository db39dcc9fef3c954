package io.tidemark.app.run;

import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.TidemarkFollower;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Capture and every read model of a plan, in this process. Closes in the reverse order of its start. */
public final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final Duration FIRST_TIDEMARK_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Plan plan;
    private final Path stateDirectory;
    private final BiConsumer<Place, TidemarkRef> appliedListener;
    private final PipelineObserver observer;
    private final boolean registered;
    private volatile boolean closing;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private @Nullable TidemarkFollower tidemarks;
    private volatile @Nullable String lineage;
    private volatile @Nullable RunningGenerations generations;

    /** A read model in one of its stores. */
    public record Place(String model, String store) {}

    /**
     * Prepares it.
     *
     * @param stateDirectory where assemblers keep their state
     * @param appliedListener told of each new applied tidemark, in the writer's thread
     */
    public Pipeline(Plan plan, Path stateDirectory, BiConsumer<Place, TidemarkRef> appliedListener) {
        this(plan, stateDirectory, appliedListener, PipelineObserver.NONE, true);
    }

    /** Prepares one that is looked at. */
    public Pipeline(Plan plan, Path stateDirectory, PipelineObserver observer) {
        this(plan, stateDirectory, (place, tidemark) -> {}, observer, true);
    }

    /** Prepares one of definitions that nobody else knows: of each there is one generation. */
    public static Pipeline ofOwnDefinitions(Plan plan, Path stateDirectory) {
        return new Pipeline(plan, stateDirectory, (place, tidemark) -> {}, PipelineObserver.NONE, false);
    }

    private Pipeline(
            Plan plan,
            Path stateDirectory,
            BiConsumer<Place, TidemarkRef> appliedListener,
            PipelineObserver observer,
            boolean registered) {
        this.registered = registered;
        this.plan = plan;
        this.stateDirectory = stateDirectory;
        this.appliedListener = appliedListener;
        this.observer = observer;
    }

    /** Starts capture, with its first snapshot if there was none, then the read models. A failure leaves nothing running. */
    public void start(SnapshotProgress progress) throws InterruptedException {
        start(progress, LOG::info);
    }

    /**
     * The same.
     *
     * @param says told what people should know of the read models
     */
    public void start(SnapshotProgress progress, Consumer<String> says) throws InterruptedException {
        orClose(() -> {
            CaptureRunner capture = new CaptureRunner(plan.capture(), progress);
            running.push(capture);
            observer.capture(capture);
            capture.start();
            watch(capture.ended());
            capture.awaitOwned();
            capture.awaitCovered();
            TidemarkFollower follower = follow();
            follower.awaitFirst(FIRST_TIDEMARK_TIMEOUT);
            project(plan.models(), follower, capture.lineage(), says);
        });
    }

    /**
     * Starts read models of what another process captures, once there are tidemarks that cover their tables. A failure
     * leaves nothing running.
     *
     * @param waits told what is waited for
     */
    public void startReadModels(List<ReadModel> models, Consumer<String> waits) throws InterruptedException {
        orClose(() -> {
            CaptureElsewhere capture = new CaptureElsewhere(plan, waits);
            String lineage = capture.awaitFirstTidemark();
            TidemarkFollower follower = follow();
            capture.awaitTables(models, follower);
            project(models, follower, lineage, waits);
        });
    }

    /** Part of a start. */
    @FunctionalInterface
    private interface Start {
        void run() throws InterruptedException;
    }

    private void orClose(Start start) throws InterruptedException {
        try {
            start.run();
        } catch (RuntimeException | InterruptedException e) {
            close();
            throw e;
        }
    }

    private TidemarkFollower follow() {
        TidemarkFollower follower = new TidemarkFollower(plan.kafkaClient(), plan.topics());
        running.push(follower);
        follower.start();
        observer.tidemarks(follower);
        tidemarks = follower;
        return follower;
    }

    private void project(List<ReadModel> models, TidemarkFollower follower, String lineage, Consumer<String> waits)
            throws InterruptedException {
        this.lineage = lineage;
        RunningGenerations running = new RunningGenerations(
                new RunningGenerations.Surroundings(
                        plan,
                        plan.projections(stateDirectory),
                        follower,
                        lineage,
                        observer,
                        appliedListener,
                        waits,
                        registered),
                firstStart(follower, waits));
        generations = running;
        this.running.push(running);
        watch(running.failed());
        running.start(models);
        reconcileAgainAndAgain(models, follower, lineage, running);
    }

    private void reconcileAgainAndAgain(
            List<ReadModel> models, TidemarkFollower follower, String lineage, RunningGenerations running) {
        if (registered && plan.config().reconcile().isPresent()) {
            ReconcileSchedule schedule =
                    new ReconcileSchedule(plan, plan.config().reconcile().get(), lineage, follower, running, observer);
            this.running.push(schedule);
            schedule.start(models);
        }
    }

    /**
     * Tidemarks have to reach where the source is. The floor of documents that are built for the first time is then above
     * every row from before a column that their definition found in the source.
     */
    private RunningGenerations.FirstStart firstStart(TidemarkFollower follower, Consumer<String> waits) {
        return new RunningGenerations.FirstStart() {
            @Override
            public Lsn now() {
                return Pipeline.this.now();
            }

            @Override
            public boolean isCaptured(Lsn now) {
                return follower.newestWhere(any -> true).stream()
                        .anyMatch(cut -> cut.tidemark().lsn().compareTo(now) >= 0);
            }

            @Override
            public void await(Lsn now) throws InterruptedException {
                awaitCaptured(() -> isCaptured(now), waits);
            }
        };
    }

    private void awaitCaptured(BooleanSupplier captured, Consumer<String> waits) throws InterruptedException {
        boolean told = false;
        while (!captured.getAsBoolean()) {
            throwFailure();
            if (closing) {
                throw new InterruptedException();
            }
            if (!told) {
                waits.accept(
                        "waiting until what the source has now is captured: a read model starts for the first time");
                told = true;
            }
            LockSupport.parkNanos(LOOK_EVERY.toNanos());
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private Lsn now() {
        try (Connection connection = SourceConnections.open(plan.captureSource())) {
            return Tidemark.token(connection);
        } catch (SQLException e) {
            throw SourceConnections.explain(plan.captureSource(), e);
        }
    }

    private void watch(CompletableFuture<Void> part) {
        var unused = part.whenComplete((done, error) -> {
            if (error != null) {
                failed.completeExceptionally(error);
            }
        });
    }

    /** Every read model in every store, with what it has applied. */
    public Map<Place, AppliedTidemarks> applied() {
        RunningGenerations current = generations;
        return current == null ? Map.of() : current.applied();
    }

    public TidemarkLog tidemarks() {
        TidemarkFollower follower = tidemarks;
        if (follower == null) {
            throw new IllegalStateException("Not started");
        }
        return follower;
    }

    /** The stores, with the generations that are live now. */
    public StoreAccess stores() {
        String captured = lineage;
        if (captured == null) {
            throw new IllegalStateException("Not started");
        }
        return registered ? StoreAccess.ofLive(plan, captured) : new StoreAccess(plan, captured);
    }

    /**
     * Waits until every read model is fresh for a token.
     *
     * @return false when the time is over first
     * @throws TidemarkException what stopped a part of the pipeline meanwhile
     */
    public boolean await(Lsn token, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (AppliedTidemarks each : applied().values()) {
            while (!each.await(token, Duration.ofMillis(200))) {
                throwFailure();
                if (System.nanoTime() > deadline) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Throws what stopped a part of the pipeline, if something did. */
    public void throwFailure() throws InterruptedException {
        if (failed.isDone()) {
            awaitFailure();
        }
    }

    /** Waits until a part of the pipeline stops by itself and throws what stopped it. */
    public void awaitFailure() throws InterruptedException {
        try {
            failed.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        closing = true;
        Interrupts.holdBack(this::closeAll);
    }

    private void closeAll() {
        PartsClosed.all(running);
    }
}
