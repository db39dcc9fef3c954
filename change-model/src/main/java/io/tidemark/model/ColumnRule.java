package io.tidemark.model;

/** What becomes of a column's values before they reach a topic. */
public sealed interface ColumnRule {

    /** The column is in no topic, as if the table did not have it. */
    record Drop() implements ColumnRule {}

    /** {@code ***} in the place of every value but NULL; of text only, whose readers expect no more than text. */
    record Mask() implements ColumnRule {}

    /**
     * HMAC-SHA-256, in hexadecimal digits, of the value's {@linkplain Json#canonical canonical} JSON text; NULL stays
     * NULL. Equal values stay equal, and without the key nobody can try values until one fits.
     */
    record Hash(Secret key) implements ColumnRule {}
}
