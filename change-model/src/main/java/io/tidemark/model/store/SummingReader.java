package io.tidemark.model.store;

import io.tidemark.model.RowKey;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/** A reader whose store hashes what it holds by itself, see {@link HashedTable}. */
public interface SummingReader extends DocumentReader {

    /**
     * Sums up a collection as it is at one moment.
     *
     * @param position up to which documents are summed up; one is at the position it says it is as of
     * @param newer takes the keys of all others
     */
    DocumentSums sums(String collection, int buckets, long position, Consumer<RowKey> newer);

    /**
     * The hashes of the documents in some buckets, whatever their position, in any order.
     *
     * @param buckets of how many
     */
    void hashes(String collection, int buckets, BitSet of, Consumer<List<HashedDocument>> batches);
}
