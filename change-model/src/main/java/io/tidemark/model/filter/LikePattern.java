package io.tidemark.model.filter;

import io.tidemark.model.SqlIdentifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A pattern of LIKE: {@code %} stands for any text, {@code _} for one character (a code point), and the character after
 * the escape for itself.
 */
public final class LikePattern {

    /** The escape where a predicate gives none. */
    public static final String BACKSLASH = "\\";

    private static final int ANY_TEXT = -1;
    private static final int ANY_CHARACTER = -2;

    private final String pattern;
    private final String escape;
    private final List<Integer> parts;

    private LikePattern(String pattern, String escape, List<Integer> parts) {
        this.pattern = pattern;
        this.escape = escape;
        this.parts = List.copyOf(parts);
    }

    /**
     * Reads a pattern.
     *
     * @param escape one character, or none
     * @return empty when the escape has several characters, and when the pattern ends with it, which PostgreSQL refuses
     *     for rows that come that far
     */
    public static Optional<LikePattern> of(String pattern, String escape) {
        if (escape.codePointCount(0, escape.length()) > 1) {
            return Optional.empty();
        }
        int escaping = escape.isEmpty() ? Integer.MIN_VALUE : escape.codePointAt(0);
        List<Integer> parts = new ArrayList<>();
        int[] characters = pattern.codePoints().toArray();
        for (int i = 0; i < characters.length; i++) {
            if (characters[i] == escaping) {
                if (++i == characters.length) {
                    return Optional.empty();
                }
                parts.add(characters[i]);
            } else {
                parts.add(part(characters[i]));
            }
        }
        return Optional.of(new LikePattern(pattern, escape, parts));
    }

    private static int part(int character) {
        return switch (character) {
            case '%' -> ANY_TEXT;
            case '_' -> ANY_CHARACTER;
            default -> character;
        };
    }

    /** Greedy with one place to go back to: what a later {@code %} takes never helps an earlier one. */
    boolean matches(String text) {
        int[] characters = text.codePoints().toArray();
        int at = 0;
        int part = 0;
        int afterAny = -1;
        int takenTo = 0;
        while (at < characters.length) {
            if (part < parts.size() && parts.get(part) == ANY_TEXT) {
                afterAny = ++part;
                takenTo = at;
            } else if (part < parts.size() && fits(parts.get(part), characters[at])) {
                part++;
                at++;
            } else if (afterAny >= 0) {
                part = afterAny;
                at = ++takenTo;
            } else {
                return false;
            }
        }
        return parts.subList(part, parts.size()).stream().allMatch(rest -> rest == ANY_TEXT);
    }

    String sql() {
        return SqlIdentifiers.literal(pattern) + " ESCAPE " + SqlIdentifiers.literal(escape);
    }

    private static boolean fits(int part, int character) {
        return part == ANY_CHARACTER || part == character;
    }
}
