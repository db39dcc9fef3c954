package io.tidemark.reconciliation;

/** How a stored document departs from the source. */
public enum DriftKind {
    /** The source has it, the store does not. */
    MISSING,
    /** The store has it, the source does not. */
    EXTRA,
    /** Both have it, with different content. */
    DIFFERENT
}
