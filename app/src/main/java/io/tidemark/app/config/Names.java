package io.tidemark.app.config;

import java.util.regex.Pattern;

/** What names may look like. */
final class Names {

    /** Debezium puts slot and publication names into SQL unquoted. */
    private static final Pattern SLOT = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    /** Store and read-model names become part of topic, index and metric names. */
    private static final Pattern GIVEN = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]{0,62}");

    private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9_-]{1,100}");

    private Names() {}

    static boolean isSlot(String name) {
        return SLOT.matcher(name).matches();
    }

    static boolean isPrefix(String name) {
        return PREFIX.matcher(name).matches();
    }

    /** Reports a store's or read model's name that cannot be used. */
    static void checkGiven(Section section) {
        String name = section.name().text();
        if (!GIVEN.matcher(name).matches()) {
            section.problem(
                    section.place(),
                    "the name '" + name + "' may hold letters, digits, '_' and '-', starts with a letter and has"
                            + " at most 63 characters");
        }
    }

    /** Whether a name in a document is kept for Tidemark itself. */
    static boolean isReserved(String name) {
        return name.startsWith("_tidemark");
    }
}
