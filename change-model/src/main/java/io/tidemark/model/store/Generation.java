package io.tidemark.model.store;

import io.tidemark.model.ErrorCode;
import io.tidemark.model.TidemarkException;

/**
 * One physical build of a read model.
 *
 * @param model name of the read model
 * @param number counts its builds, from 1
 * @param lineage what it was built from: the id of the capture whose positions it holds, since those of another mean
 *     nothing to it, then {@code /} and a digest of the model's definition
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
                    "The read model " + this + " in " + store
                            + " was built from another capture or another definition ("
                            + storedLineage + ", ours is " + lineage
                            + "): undo the change, or give the model a new name and a new target");
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
