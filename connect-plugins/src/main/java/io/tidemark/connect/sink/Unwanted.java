package io.tidemark.connect.sink;

import java.util.Locale;

/** What becomes of what cannot, or shall not, be written. */
enum Unwanted {
    /** To the dead letter queue where the connector has one, else the task stops there. */
    FAIL,
    /** It is passed over; a warning says so. */
    IGNORE,
    /** Of records without a value: the document is deleted. */
    DELETE;

    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Unwanted of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
