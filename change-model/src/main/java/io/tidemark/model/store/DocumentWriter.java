package io.tidemark.model.store;

import java.util.List;
import java.util.Set;

/**
 * Writes one generation into one store. Not thread-safe: one writer, one thread.
 *
 * <p>Order within a key is the order of the list, across calls too. A version at or below what the store holds is not
 * written; deletes are fenced like writes.
 */
public interface DocumentWriter extends AutoCloseable {

    /**
     * Creates what the generation needs in the store (index, tables, bookkeeping) where it is missing. Open a writer
     * again after DATA_LOSS or FENCED.
     *
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the store does not answer or refuses the
     *     credentials; DATA_LOSS when the store holds this generation of another lineage; CONFIGURATION when it was begun
     *     with another number of partitions
     */
    void open();

    /**
     * The applied tidemarks the store holds of this generation, one per partition at most, in any order. From here on the
     * store is known to hold them: {@link #write} refuses once it finds one of them gone or older.
     *
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the store does not answer
     */
    List<AppliedTidemark> claims();

    /**
     * Takes the applied tidemarks of partitions back, before they are filled again: while what was written long ago is
     * written once more, a document may be back of which the store has forgotten the delete.
     *
     * @param partitions of which any may have no claim
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the store does not answer; as {@link #write}
     */
    void forget(Set<Integer> partitions);

    /**
     * Says that the partitions this writer writes for are confirmed to be its owner's, as of now; so does {@link #open}.
     * Stores remember deletes for a time only. What is written long after this may be older than a delete that another
     * owner wrote, and that the store has forgotten: so a writer refuses (FENCED) once half that time is over.
     */
    void rejoin();

    /**
     * Writes a batch, then saves applied tidemarks; one outcome per document, in order. Without claims the batch need
     * not be atomic.
     *
     * @param batch may be empty
     * @param claims saved only when every document of the batch is {@link WriteOutcome#settled()}, after they are durable; a store
     *     with transactions writes batch and claims in one. When they cannot be saved the whole batch is retriable
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the batch is empty and the claims cannot be saved;
     *     FENCED when another writer took the generation over (stores with one writer), or {@link #rejoin} is too long
     *     ago: read what is to be written again, as its owner; DATA_LOSS when the store no longer holds what this writer
     *     wrote or claimed (deleted, emptied, set back): {@link #open} again, and write everything that came after
     *     {@link #claims}. Such a loss may be found by the first batch with claims only; they are not saved then
     */
    List<WriteOutcome> write(List<Document> batch, List<AppliedTidemark> claims);

    @Override
    void close();
}
