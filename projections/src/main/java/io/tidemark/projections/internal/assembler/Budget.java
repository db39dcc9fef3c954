package io.tidemark.projections.internal.assembler;

/**
 * How much a step may still do in one call, in inputs applied and messages sent. Streams commits and polls only between
 * calls: a call without a bound could outlast a Kafka transaction, and would be repeated for ever.
 */
final class Budget {

    private int left;

    Budget(int units) {
        left = units;
    }

    /** Takes one unit, if there is one. */
    boolean take() {
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
