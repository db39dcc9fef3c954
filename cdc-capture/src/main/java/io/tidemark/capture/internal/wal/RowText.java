package io.tidemark.capture.internal.wal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The values of one row as the text their types print, UTF-8. Used again for row after row. */
public final class RowText {

    private static final int NULL = -1;

    private byte[] bytes = new byte[1024];
    private int[] starts = new int[16];
    private int[] ends = new int[16];
    private int columns;

    /** Takes a row as COPY's text format has it, with or without the end of the line. */
    public void readCopy(byte[] line) {
        int length = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, bytes.length * 2)];
        }
        columns = 0;
        int to = 0;
        int start = 0;
        boolean absent = false;
        for (int from = 0; from < length; from++) {
            byte each = line[from];
            if (each == '\t') {
                add(start, absent ? NULL : to);
                start = to;
                absent = false;
            } else if (each == '\\') {
                from++;
                absent = line[from] == 'N';
                bytes[to++] = unescaped(line[from]);
            } else {
                bytes[to++] = each;
            }
        }
        add(start, absent ? NULL : to);
    }

    private static byte unescaped(byte escape) {
        return switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> escape;
        };
    }

    private void add(int start, int end) {
        if (columns == starts.length) {
            starts = Arrays.copyOf(starts, columns * 2);
            ends = Arrays.copyOf(ends, columns * 2);
        }
        starts[columns] = start;
        ends[columns++] = end;
    }

    public int columns() {
        return columns;
    }

    boolean isNull(int column) {
        return ends[column] == NULL;
    }

    String text(int column) {
        return new String(bytes, starts[column], ends[column] - starts[column], StandardCharsets.UTF_8);
    }

    void print(int column, ValueType type, JsonBuffer out) {
        type.print(bytes, starts[column], ends[column], out);
    }

    /** Whether a value that is not NULL has one of these characters, which are ASCII. */
    boolean hasAny(int column, String characters) {
        for (int i = starts[column]; i < ends[column]; i++) {
            if (characters.indexOf(bytes[i]) >= 0) {
                return true;
            }
        }
        return false;
    }
}
