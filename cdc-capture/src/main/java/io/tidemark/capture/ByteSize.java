package io.tidemark.capture;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as PostgreSQL writes them: {@code 512kB}, {@code 5GB}; each unit is 1024 of the one before. */
public final class ByteSize {

    public static final long MEGABYTE = 1L << 20;
    public static final long GIGABYTE = 1L << 30;

    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})(kB|MB|GB|TB)");

    private ByteSize() {}

    /** Reads a whole number with its unit; empty when a text is none. */
    public static OptionalLong parse(String text) {
        Matcher matcher = SIZE.matcher(text);
        return matcher.matches()
                ? OptionalLong.of(Long.parseLong(matcher.group(1)) << (10 * UNITS.indexOf(matcher.group(2))))
                : OptionalLong.empty();
    }

    /** For people, with one decimal: {@code 1.5GB}. */
    public static String text(long bytes) {
        int unit = 0;
        double amount = bytes;
        while (amount >= 1024 && unit < UNITS.size() - 1) {
            amount /= 1024;
            unit++;
        }
        return (unit == 0 ? Long.toString(bytes) : String.format(Locale.ROOT, "%.1f", amount)) + UNITS.get(unit);
    }
}
