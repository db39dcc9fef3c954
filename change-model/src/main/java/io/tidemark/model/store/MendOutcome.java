package io.tidemark.model.store;

/** What became of one {@link Mend}. */
public sealed interface MendOutcome {

    /** The store holds it now. */
    record Mended() implements MendOutcome {}

    /** The store holds, or deleted, something newer meanwhile: nothing was changed. */
    record Newer() implements MendOutcome {}

    /**
     * The store refuses the document itself.
     *
     * @param reason the store's own words
     */
    record Refused(String reason) implements MendOutcome {}

    static MendOutcome mended() {
        return new Mended();
    }

    static MendOutcome newer() {
        return new Newer();
    }
}
