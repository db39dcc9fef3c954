package io.tidemark.reconciliation;

/** Told how far a reconciliation is, on its thread, after each chunk. */
@FunctionalInterface
public interface Progress {

    /** For callers who do not watch. */
    Progress NONE = (collection, compared) -> {};

    /**
     * A chunk was compared.
     *
     * @param collection being compared
     * @param compared documents of the read model compared so far
     */
    void compared(String collection, long compared);
}
