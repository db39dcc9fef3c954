package io.tidemark.app.monitor;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.store.AppliedTidemark;
import io.tidemark.model.store.Document;
import io.tidemark.model.store.TransactionalWriter;
import io.tidemark.model.store.WriteOutcome;
import java.util.Iterator;
import java.util.List;

/** A mirror's writer, watched. */
final class WatchedTransactionalWriter extends WatchedWriter implements TransactionalWriter {

    private final TransactionalWriter writer;

    WatchedTransactionalWriter(TransactionalWriter writer, int partitions, MeterRegistry registry, Tags tags) {
        super(writer, partitions, registry, tags);
        this.writer = writer;
    }

    @Override
    public WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims) {
        begin(claims);
        Counted counted = new Counted(batches);
        long began = System.nanoTime();
        try {
            WriteOutcome outcome = writer.writeAsOne(counted, claims);
            answeredAsOne(outcome, counted.documents, System.nanoTime() - began);
            return outcome;
        } catch (TidemarkException e) {
            fail(e);
            throw e;
        }
    }

    @Override
    public void wholeFrom(long position) {
        writer.wholeFrom(position);
    }

    /** Who asks for the next batch has taken the one before. */
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
            tookSome(batch.size());
            return batch;
        }
    }
}
