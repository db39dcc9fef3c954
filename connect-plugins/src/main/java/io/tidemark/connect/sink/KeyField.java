package io.tidemark.connect.sink;

/**
 * A field as lists of fields name it: {@code id}, or with PostgreSQL's type, {@code id:bigint}.
 *
 * @param type empty when it is not said
 */
public record KeyField(String name, String type) {

    public static KeyField parse(String text) {
        int colon = text.indexOf(':');
        return colon < 0
                ? new KeyField(text.strip(), "")
                : new KeyField(
                        text.substring(0, colon).strip(),
                        text.substring(colon + 1).strip());
    }
}
