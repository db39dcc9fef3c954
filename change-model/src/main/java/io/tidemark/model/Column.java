package io.tidemark.model;

/**
 * A column of a captured table.
 *
 * @param name as PostgreSQL stores it
 * @param type as {@code format_type} prints it, with modifiers, for example {@code numeric(12,2)}
 * @param typeOid of the column's type
 * @param nullable whether the column may hold NULL
 */
public record Column(String name, String type, long typeOid, boolean nullable) {

    /** The type without its modifiers: {@code numeric} of {@code numeric(12,2)}. */
    public String baseType() {
        int parenthesis = type.indexOf('(');
        if (parenthesis < 0) {
            return type;
        }
        int end = type.indexOf(')', parenthesis);
        return type.substring(0, parenthesis) + type.substring(end + 1);
    }
}
