package io.tidemark.model;

/**
 * Names a tidemark: idle tidemarks repeat the number with a newer LSN, so both are needed to order them.
 *
 * @param number position of the last complete transaction; 0 before the first
 * @param lsn end of that transaction's commit record, or further when the source is idle
 */
public record TidemarkRef(long number, Lsn lsn) implements Comparable<TidemarkRef> {

    /** Before any tidemark. */
    public static final TidemarkRef NONE = new TidemarkRef(0, Lsn.ZERO);

    public boolean covers(long position) {
        return position <= number;
    }

    public boolean isAtLeast(TidemarkRef other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(TidemarkRef other) {
        int byNumber = Long.compare(number, other.number);
        return byNumber != 0 ? byNumber : lsn.compareTo(other.lsn);
    }

    /** {@code number@lsn}, the form used in headers and stores. */
    @Override
    public String toString() {
        return number + "@" + lsn;
    }

    public static TidemarkRef parse(String text) {
        int at = text.indexOf('@');
        if (at < 1) {
            throw new IllegalArgumentException("'" + text + "' is not a tidemark such as 42@0/16B3748");
        }
        return new TidemarkRef(Long.parseLong(text.substring(0, at)), Lsn.parse(text.substring(at + 1)));
    }
}
