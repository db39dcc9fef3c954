package io.tidemark.app.run;

import io.tidemark.app.config.ReadModelConfig.Target;
import io.tidemark.app.run.Pipeline.Place;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/** One generation of a read model, written to each of its stores; its documents are assembled elsewhere. */
final class RunningBuild implements AutoCloseable {

    private final Plan plan;
    private final ReadModel model;
    private final Build build;
    private final StoreAccess stores;
    private final PipelineObserver observer;
    private final Map<Place, AppliedTidemarks> applied = new LinkedHashMap<>();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<CompletableFuture<Void>> ends = new ArrayList<>();

    /** @param plan of this generation alone */
    RunningBuild(Plan plan, StoreAccess stores, PipelineObserver observer) {
        this.plan = plan;
        this.model = plan.models().get(0);
        this.build = plan.build(model);
        this.stores = stores;
        this.observer = observer;
    }

    /** Starts it; a failure leaves nothing running. */
    void start(ProjectionSettings settings, TidemarkFollower tidemarks, BiConsumer<Place, TidemarkRef> listener) {
        try {
            if (model instanceof DocumentModel document) {
                start(document, settings, tidemarks, listener);
            } else {
                MirrorModel mirror = (MirrorModel) model;
                plan.targets(model).forEach(target -> start(mirror, target, settings, tidemarks, listener));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void start(
            DocumentModel document,
            ProjectionSettings settings,
            TidemarkFollower tidemarks,
            BiConsumer<Place, TidemarkRef> listener) {
        DocumentProjection delivering = DocumentProjection.delivering(
                document.named(build.name(model.name())),
                settings,
                tidemarks,
                plan.limit(document),
                build.assemblyName(model.name()));
        for (Target target : plan.targets(model)) {
            AppliedTidemarks here = applied(target, listener);
            delivering.deliverTo(
                    target.store(),
                    observer.writer(place(target), stores.writer(document, target), here),
                    here,
                    stores.parked(model),
                    plan.maxParked(document));
        }
        parts.push(delivering);
        ends.add(delivering.failed());
        delivering.start();
    }

    private void start(
            MirrorModel mirror,
            Target target,
            ProjectionSettings settings,
            TidemarkFollower tidemarks,
            BiConsumer<Place, TidemarkRef> listener) {
        AppliedTidemarks here = applied(target, listener);
        MirrorProjection projection = new MirrorProjection(
                mirror.named(build.name(model.name())),
                target.store(),
                settings,
                observer.mirrorWriter(place(target), stores.writer(mirror, target), here),
                () -> storedTidemark(target),
                here,
                tidemarks);
        observer.mirror(place(target), projection);
        parts.push(projection);
        ends.add(projection.ended());
        projection.start();
    }

    private TidemarkRef storedTidemark(Target target) {
        try (DocumentReader reader = stores.reader(model, target)) {
            return reader.appliedTidemark().orElse(TidemarkRef.NONE);
        }
    }

    private AppliedTidemarks applied(Target target, BiConsumer<Place, TidemarkRef> listener) {
        Place place = place(target);
        AppliedTidemarks here =
                new AppliedTidemarks(plan.appliedPartitions(model), tidemark -> listener.accept(place, tidemark));
        applied.put(place, here);
        return here;
    }

    private Place place(Target target) {
        return new Place(build.display(model.name()), target.store());
    }

    ReadModel model() {
        return model;
    }

    Build build() {
        return build;
    }

    /** What it has applied, by place. */
    Map<Place, AppliedTidemarks> applied() {
        return applied;
    }

    /** Each completes exceptionally when its part stops by itself. */
    List<CompletableFuture<Void>> ends() {
        return ends;
    }

    @Override
    public void close() {
        PartsClosed.all(parts);
    }
}
