package io.tidemark.benchmarks;

/**
 * What was received, without regard to order: how many rows, and the sum of the CRC-32 of their payloads. A row that is
 * missing, twice or changed shows in one of them.
 */
record Digest(long rows, long checksum) {

    /** Counts nothing for a time before the rows are right. */
    void require(Digest expected, String contender) {
        if (!equals(expected)) {
            throw new IllegalStateException(contender + " delivered " + this + " instead of " + expected
                    + ": its time counts for nothing. The logs of the processes are kept");
        }
    }
}
