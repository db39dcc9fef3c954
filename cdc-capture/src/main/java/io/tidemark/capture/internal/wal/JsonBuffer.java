package io.tidemark.capture.internal.wal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON in the making, as UTF-8. Its array is kept and used again. */
public final class JsonBuffer {

    private static final byte[] HEXADECIMAL = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[1024];
    private int length;

    public void clear() {
        length = 0;
    }

    /** A copy of what was appended since it was cleared. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** What was appended since it was cleared. */
    public String toText() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    public void append(byte[] utf8) {
        append(utf8, 0, utf8.length);
    }

    public void append(byte[] utf8, int from, int to) {
        reserve(to - from);
        System.arraycopy(utf8, from, bytes, length, to - from);
        length += to - from;
    }

    public void append(char ascii) {
        reserve(1);
        bytes[length++] = (byte) ascii;
    }

    /** Appends text as a JSON string, with the escapes of {@link io.tidemark.model.Json#text} and no others. */
    public void appendString(byte[] utf8, int from, int to) {
        append('"');
        int plainFrom = from;
        for (int i = from; i < to; i++) {
            byte each = utf8[i];
            // Bytes of characters beyond ASCII are negative.
            boolean plain = each < 0 || (each >= ' ' && each != '"' && each != '\\');
            if (!plain) {
                append(utf8, plainFrom, i);
                escape(each);
                plainFrom = i + 1;
            }
        }
        append(utf8, plainFrom, to);
        append('"');
    }

    private void escape(byte ascii) {
        append('\\');
        switch (ascii) {
            case '"', '\\' -> append((char) ascii);
            case '\b' -> append('b');
            case '\t' -> append('t');
            case '\n' -> append('n');
            case '\f' -> append('f');
            case '\r' -> append('r');
            default -> {
                append('u');
                append('0');
                append('0');
                append((char) HEXADECIMAL[ascii >> 4]);
                append((char) HEXADECIMAL[ascii & 15]);
            }
        }
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
