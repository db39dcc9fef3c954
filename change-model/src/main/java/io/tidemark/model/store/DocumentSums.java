package io.tidemark.model.store;

import java.util.BitSet;

/**
 * Documents divided into buckets, with the number of documents in each and the sum of their hashes. Two sides with equal
 * sums hold the same documents, unless 64 bits collide; see {@link HashedTable} for what is hashed. Not thread-safe.
 */
public final class DocumentSums {

    private final long[] counts;
    private final long[] sums;

    /** No documents yet. */
    public DocumentSums(Division division) {
        this.counts = new long[division.buckets()];
        this.sums = new long[division.buckets()];
    }

    /**
     * Adds documents, or takes them out where both numbers are negated.
     *
     * @param sum of their hashes, modulo 2^64
     */
    public void add(int bucket, long count, long sum) {
        counts[bucket] += count;
        sums[bucket] += sum;
    }

    /** All documents. */
    public long count() {
        long count = 0;
        for (long each : counts) {
            count += each;
        }
        return count;
    }

    /** The documents of some buckets. */
    public long count(BitSet of) {
        return of.stream().mapToLong(bucket -> counts[bucket]).sum();
    }

    /** The buckets in which not both sides hold the same. */
    public BitSet differing(DocumentSums other) {
        BitSet differing = new BitSet(counts.length);
        for (int bucket = 0; bucket < counts.length; bucket++) {
            differing.set(bucket, counts[bucket] != other.counts[bucket] || sums[bucket] != other.sums[bucket]);
        }
        return differing;
    }
}
