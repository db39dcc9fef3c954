package io.tidemark.model;

import java.util.List;
import java.util.Set;

/**
 * A column of a captured table.
 *
 * @param name as PostgreSQL stores it
 * @param type as {@code format_type} prints it, with modifiers, for example {@code numeric(12,2)}
 * @param typeOid of the column's type
 * @param nullable whether the column may hold NULL
 * @param number the column's own in its table, which a new name does not change and a new column does; 0 if unknown
 * @param detail what of the type may change under its name, as JSON text: an enum's labels by their oids, a composite
 *     type's attributes, each with number, name, type oid and detail; empty for other types
 */
public record Column(String name, String type, long typeOid, boolean nullable, int number, String detail) {

    private static final Set<String> TEXTS = Set.of("character varying", "text");

    public Column(String name, String type, long typeOid, boolean nullable) {
        this(name, type, typeOid, nullable, 0, "");
    }

    /**
     * Whether every value of this column is one of a column of the other's type, and prints there as it does here: types
     * of text or {@code numeric} that became wider.
     */
    public boolean fits(Column other) {
        boolean sameType = typeOid == other.typeOid;
        if (sameType && modifiers().equals(other.modifiers())) {
            return true;
        }
        if (TEXTS.contains(baseType()) && TEXTS.contains(other.baseType())) {
            return other.modifiers().isEmpty() || isAtLeast(other.modifiers(), modifiers());
        }
        return sameType && baseType().equals("numeric") && widened(modifiers(), other.modifiers());
    }

    private static boolean widened(String then, String now) {
        List<String> before = List.of(then.split(","));
        List<String> after = List.of(now.split(","));
        boolean sameScale =
                before.size() == 2 && after.size() == 2 && before.get(1).equals(after.get(1));
        return now.isEmpty() || (sameScale && isAtLeast(after.get(0), before.get(0)));
    }

    private static boolean isAtLeast(String number, String other) {
        return !other.isEmpty() && Integer.parseInt(number) >= Integer.parseInt(other);
    }

    /** The type's modifiers: {@code 12,2} of {@code numeric(12,2)}; empty if there are none. */
    public String modifiers() {
        int parenthesis = type.indexOf('(');
        return parenthesis < 0 ? "" : type.substring(parenthesis + 1, type.indexOf(')', parenthesis));
    }

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
