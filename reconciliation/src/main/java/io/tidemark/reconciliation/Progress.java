package io.tidemark.reconciliation;

/** Told how far a reconciliation is, after each portion of the source, by one thread at a time. */
@FunctionalInterface
public interface Progress {

    /** For callers who do not watch. */
    Progress NONE = (collection, compared) -> {};

    /**
     * A portion was read.
     *
     * @param collection being compared
     * @param compared documents of the read model compared so far
     */
    void compared(String collection, long compared);
}
