package io.tidemark.capture.internal;

import io.tidemark.capture.internal.wal.WalMessage;
import io.tidemark.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The wish that a table's rows be read again. It reaches a running capture through the WAL, as a logical message outside a
 * transaction: in order with everything else, and once.
 */
public final class SnapshotRequest {

    /** Prefix of the message; its content is the table. */
    public static final String PREFIX = "tidemark.snapshot";

    private SnapshotRequest() {}

    /** The table asked for; empty when the message names none. */
    static Optional<TableId> table(WalMessage.LogicalMessage message) {
        try {
            String name =
                    StandardCharsets.UTF_8.decode(message.content().duplicate()).toString();
            return Optional.of(TableId.parse(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
