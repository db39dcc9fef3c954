package io.tidemark.model.store;

import java.util.OptionalLong;

/**
 * Gives the readers of one store another generation of a read model, and takes away what is left of one. Writers of all
 * generations go on meanwhile. Everything here may be done again, after it was interrupted anywhere, or by two at once.
 */
public interface ServedGeneration extends AutoCloseable {

    /**
     * From here on readers who use the names of the configuration are given this generation, which has all it needs. A
     * reader sees the one before or this one, each whole.
     *
     * @param decision counts the switches of the model; a store that can remember it leaves alone what a later one made
     * @throws io.tidemark.model.TidemarkException TIMEOUT when readers of the one before were in the way for too long: try
     *     again; UNREACHABLE when the store does not answer; FAILED when it does not hold the generation; CONFIGURATION
     *     when something of somebody else's is in its place, which is left there
     */
    void serve(int decision);

    /**
     * Whether readers who use the names of the configuration are given this generation, and no other.
     *
     * @throws io.tidemark.model.TidemarkException UNREACHABLE when the store does not answer
     */
    boolean isServed();

    /** What this generation takes in the store; empty where the store does not say. */
    default OptionalLong bytes() {
        return OptionalLong.empty();
    }

    /** Removes this generation, which nobody writes and the configuration's readers are not given any more. */
    void drop();

    @Override
    void close();
}
