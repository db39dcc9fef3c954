package io.tidemark.model.store;

/**
 * How both sides of a comparison divide documents into buckets: by the hash of their keys.
 *
 * @param buckets how many, a power of two
 * @param salt seed of the keys' hashes, another one each time: sums that are equal by accident, or were made so, are not
 *     the next time
 */
public record Division(int buckets, long salt) {

    public Division {
        if (Integer.bitCount(buckets) != 1) {
            throw new IllegalArgumentException("The number of buckets is a power of two, not " + buckets);
        }
    }

    /** The bucket of a key with this hash. */
    public int bucketOf(long keyHash) {
        return (int) (keyHash & (buckets - 1));
    }
}
