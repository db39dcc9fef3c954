package io.tidemark.connect.sink;

import java.util.Locale;

/** What the topics of a connector hold. */
enum Input {
    /** Rows and records of any origin: our change topics, Debezium's, plain keys and values. */
    RECORDS,
    /** Documents topics of {@code tidemark project}, with markers that say up to which tidemark a partition goes. */
    DOCUMENTS;

    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Input of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
