package io.tidemark.model.filter;

import java.math.BigDecimal;

/** A value that is not NULL, in a form whose order and equality are PostgreSQL's for its type. */
public sealed interface Value {

    /** A boolean. */
    static Value truth(boolean value) {
        return Quantity.of(value ? 1 : 0);
    }

    /** Where infinities and NaN stand among the finite values: NaN is equal to itself and greater than all others. */
    enum Band {
        NEGATIVE_INFINITY,
        FINITE,
        INFINITY,
        NAN
    }

    /** What has an amount: numbers, booleans (0 and 1), days and seconds since 1970. */
    record Quantity(Band band, BigDecimal amount) implements Value {

        static Quantity of(BigDecimal amount) {
            return new Quantity(Band.FINITE, amount);
        }

        static Quantity of(long amount) {
            return of(BigDecimal.valueOf(amount));
        }

        static Quantity of(double amount) {
            if (Double.isNaN(amount)) {
                return special(Band.NAN);
            }
            if (Double.isInfinite(amount)) {
                return special(amount > 0 ? Band.INFINITY : Band.NEGATIVE_INFINITY);
            }
            return of(new BigDecimal(amount));
        }

        static Quantity special(Band band) {
            return new Quantity(band, BigDecimal.ZERO);
        }
    }

    /** What is compared letter by letter; ordered only where the letters are ASCII. */
    record Letters(String text) implements Value {}

    /** Negative, zero or positive, for two values of types that compare with each other. */
    static int compare(Value left, Value right) {
        if (left instanceof Quantity a && right instanceof Quantity b) {
            return a.band() == b.band()
                    ? a.amount().compareTo(b.amount())
                    : a.band().compareTo(b.band());
        }
        if (left instanceof Letters a && right instanceof Letters b) {
            return a.text().compareTo(b.text());
        }
        throw new IllegalArgumentException("Values of unlike types were compared; this is a defect");
    }
}
