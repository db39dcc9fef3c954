package io.tidemark.benchmarks;

import java.util.BitSet;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows in what a contender delivers, whatever its format: every payload begins with {@code row:} and the row's
 * id, and its first {@value #LENGTH} bytes are plain ASCII that no format changes.
 */
final class RowDigest {

    /** Bytes of a payload that are looked at. */
    static final int LENGTH = 80;

    private static final int ID_DIGITS = 12;

    private final CRC32 crc = new CRC32();
    private final @Nullable BitSet seen;
    private long rows;
    private long checksum;

    /** Counts every row it is given. */
    RowDigest() {
        this(null);
    }

    private RowDigest(@Nullable BitSet seen) {
        this.seen = seen;
    }

    /** Counts each row once, as a reader that keeps the newest of every key does; ids must fit an int. */
    static RowDigest distinct() {
        return new RowDigest(new BitSet());
    }

    /**
     * Adds all rows in the bytes.
     *
     * @return index from which the bytes may hold the beginning of a row that goes on after {@code end}
     */
    int add(byte[] bytes, int end) {
        int at = 0;
        while (at + LENGTH <= end) {
            if (isRow(bytes, at)) {
                addRow(bytes, at);
                at += LENGTH;
            } else {
                at++;
            }
        }
        return at;
    }

    void add(byte[] bytes) {
        add(bytes, bytes.length);
    }

    Digest digest() {
        return new Digest(rows, checksum);
    }

    long rows() {
        return rows;
    }

    /** The id of the first row in the bytes; -1 when there is none. */
    static long id(byte[] bytes) {
        for (int at = 0; at + LENGTH <= bytes.length; at++) {
            if (isRow(bytes, at)) {
                return number(bytes, at + 4);
            }
        }
        return -1;
    }

    private static long number(byte[] bytes, int from) {
        long id = 0;
        for (int i = from; i < from + ID_DIGITS; i++) {
            id = id * 10 + (bytes[i] - '0');
        }
        return id;
    }

    private static boolean isRow(byte[] bytes, int at) {
        return bytes[at] == 'r' && bytes[at + 1] == 'o' && bytes[at + 2] == 'w' && bytes[at + 3] == ':';
    }

    private void addRow(byte[] bytes, int at) {
        if (seen != null) {
            int id = Math.toIntExact(number(bytes, at + 4));
            if (seen.get(id)) {
                return;
            }
            seen.set(id);
        }
        crc.reset();
        crc.update(bytes, at, LENGTH);
        rows++;
        checksum += crc.getValue();
    }
}
