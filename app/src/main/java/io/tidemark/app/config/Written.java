package io.tidemark.app.config;

import java.util.List;

/** A value of the configuration that is written in Java, with its place there, as the file would have it. */
public sealed interface Written {

    Place place();

    /**
     * A text, a whole or decimal number, or a boolean.
     *
     * @param value a String, Boolean, Integer, Long or BigDecimal
     */
    record Scalar(Object value, Place place) implements Written {}

    /** A list. */
    record Items(List<Written> items, Place place) implements Written {

        public Items {
            items = List.copyOf(items);
        }
    }

    /** A mapping; a key that is there twice is a problem, as in the file. */
    record Entries(List<Entry> entries, Place place) implements Written {

        public Entries {
            entries = List.copyOf(entries);
        }
    }

    /** An entry of a mapping. */
    record Entry(Mention key, Written value) {}
}
