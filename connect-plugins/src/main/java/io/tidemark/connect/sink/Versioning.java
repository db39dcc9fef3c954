package io.tidemark.connect.sink;

import io.tidemark.model.Version;
import org.apache.kafka.connect.errors.ConnectException;

/** How a store compares versions: how a change's position and order become what fences its document. */
public enum Versioning {
    /** Position and order, as they are. */
    POSITION_AND_ORDER {
        @Override
        Version of(Version change) {
            return change;
        }
    },

    /**
     * One number, since a row may change more than once in a transaction and the store keeps one number only: position
     * times 2^24, plus order.
     */
    ONE_NUMBER {
        @Override
        Version of(Version change) {
            if (change.order() >> ORDER_BITS != 0 || change.position() >> POSITION_BITS != 0) {
                throw new ConnectException("The change " + change + " has a version this store cannot keep: it takes"
                        + " transactions of up to 2^24 changes. Write this topic with the SQL sink");
            }
            return new Version(change.position() << ORDER_BITS | change.order(), 0);
        }
    };

    private static final int ORDER_BITS = 24;
    private static final int POSITION_BITS = 63 - ORDER_BITS;

    abstract Version of(Version change);
}
