package io.tidemark.model.store;

import io.tidemark.model.Relation;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;

/** A writer into a store with transactions, of any size. */
public interface TransactionalWriter extends DocumentWriter {

    /**
     * Writes batches and applied tidemarks as one: a reader of the store sees all of it or nothing.
     *
     * @param batches asked for one after the other while the transaction is open, so that memory never holds more than
     *     one; what {@link Iterator#hasNext} or {@link Iterator#next} throw takes the transaction back and is passed on
     * @return {@link WriteOutcome.Applied}; or with nothing written {@link WriteOutcome.Rejected}, which names the first
     *     document the store refuses, or {@link WriteOutcome.Retriable}
     * @throws io.tidemark.model.TidemarkException FENCED and DATA_LOSS as {@link #write}
     */
    WriteOutcome writeAsOne(Iterator<List<Document>> batches, List<AppliedTidemark> claims);

    /**
     * Says how tables are described from certain changes on ({@link Relation#from}), before those are written; after
     * {@link #open}. Until the first tidemark is applied, the newest of each table holds for all its rows.
     *
     * <p>The next write brings the store to the newest of each, together with what it writes; a hindrance is retriable.
     *
     * @param relations all that is known up to the tidemark that comes next; again those that were given before
     * @throws io.tidemark.model.TidemarkException CONFIGURATION when one cannot be kept
     */
    void describe(List<Relation> relations);

    /**
     * Says that from a position on every version is given to this writer, of what comes before it only what the topics
     * still held. A store that keeps versions lets its readers know; another does nothing.
     *
     * @param time none of the versions up to the position is newer
     * @throws io.tidemark.model.TidemarkException as {@link #write} with an empty batch
     */
    default void wholeFrom(long position, Instant time) {}
}
