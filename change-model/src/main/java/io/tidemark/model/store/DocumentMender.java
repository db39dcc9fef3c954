package io.tidemark.model.store;

import java.util.List;

/**
 * Puts single documents of one generation right, beside the writers that own it: it claims nothing and fences nobody. Not
 * thread-safe.
 */
public interface DocumentMender extends AutoCloseable {

    /**
     * Writes or deletes documents where the store holds what {@link Mend#replaces} allows, and leaves newer ones alone.
     * Afterwards a write at or below their version is stale, as after a writer's.
     *
     * @param mends at most one of a key
     * @return an outcome for each, in order
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the store does not answer: any of them may be written,
     *     and may be written again
     */
    List<MendOutcome> mend(List<Mend> mends);

    @Override
    void close();
}
