package io.tidemark.model.store;

/** What became of one document of a batch. */
public sealed interface WriteOutcome {

    /** It is in the store. */
    record Applied() implements WriteOutcome {}

    /** The store holds this version or a newer one already; nothing was changed. */
    record Stale() implements WriteOutcome {}

    /**
     * The store refuses the document itself (mapping, size, constraint); sending it again will not help.
     *
     * @param reason the store's own words
     */
    record Rejected(String reason) implements WriteOutcome {}

    /** It may or may not be in the store: send it again, in order. */
    record Retriable(String cause) implements WriteOutcome {}

    /**
     * It is in the store, in the place of what somebody else had written: that had a version the store took for newer, and
     * said an older position itself. Where it stays raised, the next write may be told so, too.
     */
    record ChangedElsewhere(long storedPosition) implements WriteOutcome {}

    /** Whether nothing is left to do for the document: it is there, or something as new is. Claims wait for this. */
    default boolean settled() {
        return this instanceof Applied || this instanceof Stale || this instanceof ChangedElsewhere;
    }

    static WriteOutcome applied() {
        return new Applied();
    }

    static WriteOutcome stale() {
        return new Stale();
    }
}
