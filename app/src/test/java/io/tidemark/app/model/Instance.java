package io.tidemark.app.model;

import io.tidemark.app.run.Plan;
import io.tidemark.model.definition.DocumentModel;
import io.tidemark.projections.DocumentProjection;
import io.tidemark.projections.ProjectionSettings;
import io.tidemark.projections.TidemarkFollower;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The assemblers of a plan as one process has them, without stores. Several share the partitions. */
final class Instance implements AutoCloseable {

    private static final Duration FIRST_TIDEMARK = Duration.ofSeconds(30);

    private final TidemarkFollower tidemarks;
    private final List<DocumentProjection> projections = new ArrayList<>();

    private Instance(TidemarkFollower tidemarks) {
        this.tidemarks = tidemarks;
    }

    /** Starts one whose state is in a directory of its own. */
    static Instance start(Plan plan, Path state) throws InterruptedException {
        Instance instance = new Instance(new TidemarkFollower(plan.kafkaClient(), plan.topics()));
        try {
            instance.start(documents(plan), plan.projections(state));
            return instance;
        } catch (RuntimeException | InterruptedException e) {
            instance.close();
            throw e;
        }
    }

    private void start(List<DocumentModel> models, ProjectionSettings settings) throws InterruptedException {
        tidemarks.start();
        tidemarks.awaitFirst(FIRST_TIDEMARK);
        for (DocumentModel model : models) {
            DocumentProjection projection = new DocumentProjection(model, settings, tidemarks);
            projections.add(projection);
            projection.start();
        }
    }

    static List<DocumentModel> documents(Plan plan) {
        return plan.models().stream().map(DocumentModel.class::cast).toList();
    }

    /** Throws what stopped an assembler, if something did. */
    void throwFailure() throws InterruptedException, ExecutionException {
        for (DocumentProjection projection : projections) {
            if (projection.failed().isDone()) {
                projection.failed().get();
            }
        }
    }

    /** Waits until something stops an assembler; says what. */
    Throwable awaitFailure() throws InterruptedException {
        CompletableFuture<?>[] failures =
                projections.stream().map(DocumentProjection::failed).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.anyOf(failures).get();
        } catch (ExecutionException e) {
            return e.getCause();
        }
        throw new IllegalStateException("An assembler ended without a failure");
    }

    @Override
    public void close() {
        projections.forEach(DocumentProjection::close);
        tidemarks.close();
    }
}
