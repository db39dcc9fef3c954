package io.tidemark.app.monitor;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.tidemark.model.Relation;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import io.tidemark.projections.AppliedTidemarks;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/** A mirror's writer, watched. */
final class WatchedTransactionalWriter extends WatchedWriter implements TransactionalWriter {

    private final TransactionalWriter writer;
    /** Documents that the attempt taken furthest had given to the store, of those since something was last written as one. */
    private long furthest;

    private int attempts;
    private long begunNanos;

    WatchedTransactionalWriter(
            TransactionalWriter writer, AppliedTidemarks applied, MeterRegistry registry, Tags tags) {
        super(writer, applied, registry, tags);
        this.writer = writer;
    }

    @Override
    public WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims) {
        begin(claims);
        if (attempts++ == 0) {
            begunNanos = System.nanoTime();
        }
        Counted counted = new Counted(batches);
        long began = System.nanoTime();
        try {
            WriteOutcome outcome = writer.writeAsOne(counted, claims);
            answeredAsOne(outcome, counted.documents, System.nanoTime() - began);
            settleOr(outcome);
            return outcome;
        } catch (TidemarkException e) {
            fail(e);
            unsettled();
            throw e;
        }
    }

    @Override
    public void describe(List<Relation> relations) {
        writer.describe(relations);
    }

    @Override
    public void wholeFrom(long position, Instant time) {
        writer.wholeFrom(position, time);
    }

    private void settleOr(WriteOutcome outcome) {
        if (outcome.settled()) {
            furthest = 0;
            attempts = 0;
        } else {
            unsettled();
        }
    }

    private void unsettled() {
        Duration since = Duration.ofNanos(System.nanoTime() - begunNanos);
        addToProblem(", after attempt " + attempts + " to write it as one, " + since.toSeconds()
                + " s since the first began");
    }

    /**
     * Who asks for the next batch has taken the one before. That is progress only where no attempt before came: one that
     * never ends must not look as if it moved.
     */
    private final class Counted implements Iterator<List<Document>> {

        private final Iterator<List<Document>> batches;
        private long documents;

        private Counted(Iterator<List<Document>> batches) {
            this.batches = batches;
        }

        @Override
        public boolean hasNext() {
            return batches.hasNext();
        }

        @Override
        public List<Document> next() {
            List<Document> batch = batches.next();
            documents += batch.size();
            tookSome(batch.size(), documents > furthest);
            furthest = Math.max(furthest, documents);
            return batch;
        }
    }
}
