package io.tidemark.capture.internal.engine;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** Takes the WAL's messages, in order. */
public interface WalHandler {

    /**
     * Handles a batch.
     *
     * @param more whether messages that come after it are there already
     * @return index of the last entry of this batch up to which everything is durable and the slot may be confirmed;
     *     it must end a transaction or be a message outside one. Empty when nothing new is durable
     */
    OptionalInt handle(List<WalEntry> batch, BooleanSupplier more);
}
