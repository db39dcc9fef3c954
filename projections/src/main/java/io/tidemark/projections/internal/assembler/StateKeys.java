package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Composite keys of the state stores, made so that a prefix finds what belongs together and no more. */
final class StateKeys {

    private StateKeys() {}

    /** Prefix of everything that one row keeps for one input: length, row key, length, input. */
    static byte[] partPrefix(byte[] rowKey, String input) {
        byte[] name = input.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 * Integer.BYTES + rowKey.length + name.length)
                .putInt(rowKey.length)
                .put(rowKey)
                .putInt(name.length)
                .put(name)
                .array();
    }

    static byte[] part(byte[] rowKey, String input, byte[] other) {
        byte[] prefix = partPrefix(rowKey, input);
        return ByteBuffer.allocate(prefix.length + other.length)
                .put(prefix)
                .put(other)
                .array();
    }

    /** What follows a prefix. */
    static byte[] afterPrefix(byte[] key, byte[] prefix) {
        return Arrays.copyOfRange(key, prefix.length, key.length);
    }

    /** Held input sorts by position, then order, then arrival. */
    static byte[] held(Version version, long arrival) {
        return ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES)
                .putLong(version.position())
                .putInt(version.order())
                .putLong(arrival)
                .array();
    }

    /** The first key after all held input at or below a position. */
    static byte[] heldAfter(long position) {
        return ByteBuffer.allocate(Long.BYTES).putLong(position + 1).array();
    }

    /** A length-prefixed key and a rest, as one value. */
    static byte[] pair(byte[] first, byte[] second) {
        return ByteBuffer.allocate(Integer.BYTES + first.length + second.length)
                .putInt(first.length)
                .put(first)
                .put(second)
                .array();
    }

    static byte[] first(byte[] pair) {
        int length = ByteBuffer.wrap(pair).getInt();
        return Arrays.copyOfRange(pair, Integer.BYTES, Integer.BYTES + length);
    }

    static byte[] second(byte[] pair) {
        int length = ByteBuffer.wrap(pair).getInt();
        return Arrays.copyOfRange(pair, Integer.BYTES + length, pair.length);
    }
}
