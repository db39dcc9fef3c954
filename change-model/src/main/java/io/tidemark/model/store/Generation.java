package io.tidemark.model.store;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;

/**
 * One physical build of a read model.
 *
 * @param model name of the read model
 * @param number counts its builds, from 1
 * @param lineage id of the capture whose positions it holds; positions of another lineage mean nothing to it
 */
public record Generation(String model, int number, String lineage) {

    /**
     * Refuses to go on with a store's bookkeeping that was begun otherwise.
     *
     * @param store the store, for people, without credentials
     * @throws TidemarkException DATA_LOSS when it belongs to another capture, whose positions mean nothing to this one;
     *     CONFIGURATION when it was begun with another number of partitions
     */
    public void requireSame(String store, String storedLineage, int storedPartitions, int partitions) {
        if (!storedLineage.equals(lineage)) {
            throw new TidemarkException(
                    ErrorCode.DATA_LOSS,
                    "The read model " + this + " in " + store + " belongs to another capture (lineage " + storedLineage
                            + ", ours is " + lineage + "): start a new generation or drop the old one");
        }
        if (storedPartitions != partitions) {
            throw new TidemarkException(
                    ErrorCode.CONFIGURATION,
                    "The read model " + this + " in " + store + " was begun with " + storedPartitions
                            + " partitions, its topics have " + partitions + " now: start a new generation");
        }
    }

    /** {@code orders@3}. */
    @Override
    public String toString() {
        return model + "@" + number;
    }
}
