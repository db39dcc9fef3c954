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
     * @param position up to which documents are summed up; one is at the position it says it is as of, or at 0
     * @param newer takes the keys of all others
     * @param goOn called between portions; what it throws ends it
     */
    DocumentSums sums(String collection, Division division, long position, Consumer<RowKey> newer, Runnable goOn);

    /** The hashes of the documents in some buckets, whatever their position, in any order. */
    void hashes(String collection, Division division, BitSet of, Consumer<List<HashedDocument>> batches);
}
