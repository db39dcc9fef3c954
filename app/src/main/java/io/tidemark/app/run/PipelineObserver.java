package io.tidemark.app.run;

import io.tidemark.app.run.Pipeline.Place;
import io.tidemark.capture.CaptureRunner;
import io.tidemark.model.store.DocumentWriter;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.projections.AppliedTidemarks;
import io.tidemark.projections.DocumentProjection;
import io.tidemark.projections.MirrorProjection;
import io.tidemark.projections.TidemarkFollower;
import java.time.Instant;
import java.util.List;

/** Shown the parts of a pipeline before each starts, in the thread that starts it; an end is told in any thread. */
public interface PipelineObserver {

    /** Looks at nothing. */
    PipelineObserver NONE = new PipelineObserver() {};

    /** Capture. */
    default void capture(CaptureRunner capture) {}

    /** What every read model is held against. */
    default void tidemarks(TidemarkFollower tidemarks) {}

    /**
     * The writer of a read model in one of its stores.
     *
     * @param applied what it has applied
     * @return the writer to use instead: this one, or one that passes everything on to it
     */
    default DocumentWriter writer(Place place, DocumentWriter writer, AppliedTidemarks applied) {
        return writer;
    }

    /** The same of a mirror. */
    default TransactionalWriter mirrorWriter(Place place, TransactionalWriter writer, AppliedTidemarks applied) {
        return writer;
    }

    /** A document model, after its writers. */
    default void documents(String model, DocumentProjection projection) {}

    /** Nobody writes this model, or this generation of it, in this process any more. */
    default void ended(String model) {}

    /**
     * Nobody writes in this process what readers are given.
     *
     * @param why for people
     */
    default void unwritten(String model, String why) {}

    /** What the newest comparison of a read model with the source found, of those that the file asks for. */
    default void reconciled(String model, Instant ended, List<Reconciled> found) {}

    /** What was found says nothing any more: another process compares the model, or readers were given another generation. */
    default void reconciledElsewhere(String model) {}

    /** A mirror in one of its stores, after its writer. */
    default void mirror(Place place, MirrorProjection projection) {}
}
