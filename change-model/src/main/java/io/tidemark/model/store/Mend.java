package io.tidemark.model.store;

/**
 * One document as it must be.
 *
 * @param document its version is the tidemark it is right as of, in order last; no content to delete
 * @param found the position of the document it takes the place of, as a {@link DocumentReader} said; 0 for none
 */
public record Mend(Document document, long found) {

    /** Somebody may have written a position that no transaction has: the rule of versions alone would keep it for ever. */
    public boolean replaces(long stored) {
        return stored <= document.version().position() || stored == found;
    }
}
