package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.capture.SnapshotProgress;
import io.tidemark.capture.SourceConnections;
import io.tidemark.model.Lsn;
import io.tidemark.model.Tidemark;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkLog;
import io.tidemark.model.TidemarkRef;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.model.definition.MirrorModel;
import io.tidemark.model.definition.ReadModel;
import io.tidemark.model.store.DocumentReader;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.DocumentProjection;
import io.tidemark.projections.MirrorProjection;
import io.tidemark.projections.ProjectionSettings;
import io.tidemark.projections.TidemarkFollower;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
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
    private final Map<Place, AppliedTidemarks> applied = new LinkedHashMap<>();
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private @Nullable TidemarkFollower tidemarks;
    private @Nullable StoreAccess stores;

    /** A read model in one of its stores. */
    public record Place(String model, String store) {}

    /**
     * Prepares it.
     *
     * @param stateDirectory where assemblers keep their state
     * @param appliedListener told of each new applied tidemark, in the writer's thread
     */
    public Pipeline(Plan plan, Path stateDirectory, BiConsumer<Place, TidemarkRef> appliedListener) {
        this(plan, stateDirectory, appliedListener, PipelineObserver.NONE);
    }

    /** Prepares one that is looked at. */
    public Pipeline(Plan plan, Path stateDirectory, PipelineObserver observer) {
        this(plan, stateDirectory, (place, tidemark) -> {}, observer);
    }

    private Pipeline(
            Plan plan, Path stateDirectory, BiConsumer<Place, TidemarkRef> appliedListener, PipelineObserver observer) {
        this.plan = plan;
        this.stateDirectory = stateDirectory;
        this.appliedListener = appliedListener;
        this.observer = observer;
    }

    /** Starts capture, with its first snapshot if there was none, then the read models. A failure leaves nothing running. */
    public void start(SnapshotProgress progress) throws InterruptedException {
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
            project(plan.models(), follower, capture.lineage(), LOG::info);
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
        StoreAccess access = new StoreAccess(plan, lineage);
        stores = access;
        if (models.stream().anyMatch(model -> model instanceof DocumentModel && !access.hasRun(model))) {
            awaitNow(follower, waits);
        }
        ProjectionSettings settings = plan.projections(stateDirectory);
        models.forEach(model -> project(model, settings, follower, access));
    }

    /**
     * Waits until tidemarks have reached where the source is now. The floor of documents that are built for the first time
     * is then above every row from before a column that their definition found in the source.
     */
    private void awaitNow(TidemarkFollower follower, Consumer<String> waits) throws InterruptedException {
        Lsn now = now();
        boolean told = false;
        while (follower.newestWhere(any -> true).stream()
                .noneMatch(cut -> cut.tidemark().lsn().compareTo(now) >= 0)) {
            throwFailure();
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

    private void project(ReadModel model, ProjectionSettings settings, TidemarkFollower follower, StoreAccess access) {
        if (model instanceof DocumentModel document) {
            DocumentProjection projection = new DocumentProjection(document, settings, follower, plan.limit(document));
            for (Target target : plan.targets(model)) {
                AppliedTidemarks appliedThere = applied(model, target);
                projection.deliverTo(
                        target.store(),
                        observer.writer(place(model, target), access.writer(document, target), appliedThere),
                        appliedThere,
                        access.parked(model),
                        plan.maxParked(document));
            }
            observer.documents(model.name(), projection);
            running.push(projection);
            projection.start();
            watch(projection.failed());
        } else if (model instanceof MirrorModel mirror) {
            for (Target target : plan.targets(model)) {
                AppliedTidemarks appliedThere = applied(model, target);
                MirrorProjection projection = new MirrorProjection(
                        mirror,
                        target.store(),
                        settings,
                        observer.mirrorWriter(place(model, target), access.writer(mirror, target), appliedThere),
                        () -> storedTidemark(access, model, target),
                        appliedThere,
                        follower);
                observer.mirror(place(model, target), projection);
                running.push(projection);
                projection.start();
                watch(projection.ended());
            }
        }
    }

    private static TidemarkRef storedTidemark(StoreAccess access, ReadModel model, Target target) {
        try (DocumentReader reader = access.reader(model, target)) {
            return reader.appliedTidemark().orElse(TidemarkRef.NONE);
        }
    }

    private AppliedTidemarks applied(ReadModel model, Target target) {
        Place place = place(model, target);
        AppliedTidemarks tidemarksApplied = new AppliedTidemarks(
                plan.appliedPartitions(model), tidemark -> appliedListener.accept(place, tidemark));
        applied.put(place, tidemarksApplied);
        return tidemarksApplied;
    }

    private static Place place(ReadModel model, Target target) {
        return new Place(model.name(), target.store());
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
        return Map.copyOf(applied);
    }

    public TidemarkLog tidemarks() {
        TidemarkFollower follower = tidemarks;
        if (follower == null) {
            throw new IllegalStateException("Not started");
        }
        return follower;
    }

    public StoreAccess stores() {
        StoreAccess access = stores;
        if (access == null) {
            throw new IllegalStateException("Not started");
        }
        return access;
    }

    /**
     * Waits until every read model is fresh for a token.
     *
     * @return false when the time is over first
     * @throws TidemarkException what stopped a part of the pipeline meanwhile
     */
    public boolean await(Lsn token, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (AppliedTidemarks each : applied.values()) {
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
        Interrupts.holdBack(this::closeAll);
    }

    private void closeAll() {
        while (!running.isEmpty()) {
            AutoCloseable part = running.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("While closing: {}", e.getMessage());
            }
        }
    }
}
