package io.tidemark.model;

import java.util.Locale;

/**
 * A byte position in PostgreSQL's write-ahead log, unsigned 64 bits, printed as {@code 16/B374D848}.
 * Says how far a log was read; it is no version of a row (LSNs repeat, interleave and go back on failover).
 */
public record Lsn(long value) implements Comparable<Lsn> {

    public static final Lsn ZERO = new Lsn(0);

    /** Reads PostgreSQL's {@code X/Y} form. */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash == text.length() - 1) {
            throw new IllegalArgumentException("'" + text + "' is not an LSN such as 16/B374D848");
        }
        try {
            long high = Long.parseLong(text.substring(0, slash), 16);
            long low = Long.parseLong(text.substring(slash + 1), 16);
            if (high >>> 32 != 0 || low >>> 32 != 0) {
                throw new IllegalArgumentException("'" + text + "' is not an LSN: a half exceeds 32 bits");
            }
            return new Lsn(high << 32 | low);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not an LSN such as 16/B374D848", e);
        }
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return (Long.toHexString(value >>> 32) + "/" + Long.toHexString(value & 0xFFFFFFFFL)).toUpperCase(Locale.ROOT);
    }
}
