package io.tidemark.capture.internal.engine;

import io.tidemark.model.Lsn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Messages of the WAL on their way through Debezium as one event, since an event costs more than most messages do. Each is
 * 8 bytes of LSN and 4 bytes of length, big endian, before its bytes.
 */
final class WalPack {

    private static final int FIRST_SIZE = 16 * 1024;

    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;
    private long count;

    /** Adds a message; its bytes are copied. */
    void add(Lsn lsn, ByteBuffer message) {
        int length = message.remaining();
        int end = Math.addExact(size, Long.BYTES + Integer.BYTES + length);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, Math.min(2 * bytes.length, Integer.MAX_VALUE - 8)));
        }
        ByteBuffer.wrap(bytes, size, end - size)
                .putLong(lsn.value())
                .putInt(length)
                .put(message.duplicate());
        size = end;
        count++;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    long count() {
        return count;
    }

    /** Its bytes; empty afterwards. */
    byte[] take() {
        byte[] taken = Arrays.copyOf(bytes, size);
        size = 0;
        count = 0;
        bytes = bytes.length > FIRST_SIZE ? new byte[FIRST_SIZE] : bytes;
        return taken;
    }

    /**
     * The messages of a pack.
     *
     * @param first sequence of its first message
     */
    static List<WalEntry> entries(long first, byte[] pack) {
        List<WalEntry> entries = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(pack);
        while (rest.hasRemaining()) {
            Lsn lsn = new Lsn(rest.getLong());
            int length = rest.getInt();
            entries.add(new WalEntry(first + entries.size(), lsn, rest.slice(rest.position(), length)));
            rest.position(rest.position() + length);
        }
        return entries;
    }
}
