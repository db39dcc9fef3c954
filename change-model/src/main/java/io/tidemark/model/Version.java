package io.tidemark.model;

import java.nio.ByteBuffer;

/**
 * The version of a change: the position of its transaction and its order within it. A position alone is no version.
 *
 * @param position number of the captured source transaction, from 1, in commit order
 * @param order number of the change within its transaction, from 0
 */
public record Version(long position, int order) implements Comparable<Version> {

    /** Kafka header that carries a version on every change and document: 8 bytes position, 4 bytes order, big endian. */
    public static final String HEADER = "tidemark.position";

    private static final int ENCODED_BYTES = Long.BYTES + Integer.BYTES;

    public Version {
        if (position < 0 || order < 0) {
            throw new IllegalArgumentException("A version is not negative: " + position + "." + order);
        }
    }

    /** Decodes the header's 12 bytes. */
    public static Version decode(byte[] bytes) {
        if (bytes.length != ENCODED_BYTES) {
            throw new IllegalArgumentException(
                    "A " + HEADER + " header has " + ENCODED_BYTES + " bytes, this one has " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Version(buffer.getLong(), buffer.getInt());
    }

    public byte[] encode() {
        return ByteBuffer.allocate(ENCODED_BYTES)
                .putLong(position)
                .putInt(order)
                .array();
    }

    @Override
    public int compareTo(Version other) {
        int byPosition = Long.compare(position, other.position);
        return byPosition != 0 ? byPosition : Integer.compare(order, other.order);
    }

    @Override
    public String toString() {
        return position + "." + order;
    }
}
