package io.tidemark.model.definition;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value over all children of a row, those past a limit too, as PostgreSQL's function of that name gives it.
 *
 * @param name in the object of the row that holds the children
 * @param column of the children; null to count the children themselves
 */
public record Aggregate(
        String name, Function function, @Nullable String column) {

    /** What is made of the values that are not null. */
    public enum Function {
        /** How many there are; 0 when there are none, of which every other function makes null. */
        COUNT,
        /** Of integers and numerics, exact. */
        SUM,
        /** The first in order, of {@link #ORDERED}; of equal numbers one with the fewest digits after the point. */
        MIN,
        /** The last in order, likewise. */
        MAX,
        /** Of what has a sum: a numeric with the digits PostgreSQL gives it. */
        AVG;

        /** The orders whose first and last value can be told. */
        public static final List<ValueOrder> ORDERED = List.of(ValueOrder.NUMBER, ValueOrder.TIME, ValueOrder.TEXT);

        /** As the configuration and SQL call it. */
        public String lowerCase() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Aggregate {
        if (column == null && function != Function.COUNT) {
            throw new IllegalArgumentException("'" + name + "' is " + function + " of no column");
        }
    }
}
