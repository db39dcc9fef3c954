package io.tidemark.model;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** SQL that makes jsonb of columns, which prints each exactly as {@code to_jsonb(row)} does. */
public final class JsonbSql {

    /** A PostgreSQL function takes at most 100 arguments, so an object of more entries is made from several. */
    private static final int ENTRIES_PER_OBJECT = 50;

    private JsonbSql() {}

    /**
     * An object.
     *
     * @param entries of a name and a value each, see {@link #entry}
     */
    public static String object(List<String> entries) {
        if (entries.isEmpty()) {
            return "'{}'::jsonb";
        }
        return IntStream.iterate(0, from -> from < entries.size(), from -> from + ENTRIES_PER_OBJECT)
                .mapToObj(from -> entries.subList(from, Math.min(from + ENTRIES_PER_OBJECT, entries.size())))
                .map(part -> "jsonb_build_object(" + String.join(", ", part) + ")")
                .collect(Collectors.joining(" || "));
    }

    /**
     * An entry of an object.
     *
     * @param value an expression
     */
    public static String entry(String name, String value) {
        return SqlIdentifiers.literal(name) + ", " + value;
    }
}
