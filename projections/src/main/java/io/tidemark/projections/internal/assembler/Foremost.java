package io.tidemark.projections.internal.assembler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;

/** The first of many children in an order, known while these come and go; those behind them are only counted. */
final class Foremost {

    /** How many are kept beyond those that are asked for: so many may go before all must be looked at again. */
    private static final int SPARE = 64;

    /**
     * A child in its place.
     *
     * @param value that it is ordered by
     * @param key of the child
     */
    record Ranked(JsonNode value, Bytes key) {}

    private final int wanted;
    private final Comparator<Ranked> order;
    private final List<Ranked> first = new ArrayList<>();
    private long behind;

    /** @param wanted how many of the first are asked for */
    Foremost(int wanted, Comparator<JsonNode> order) {
        this.wanted = wanted;
        this.order = Comparator.comparing(Ranked::value, order).thenComparing(Ranked::key);
    }

    void add(Ranked child) {
        int place = -1 - Collections.binarySearch(first, child, order);
        if (place == first.size() && behind > 0) {
            behind++;
            return;
        }
        first.add(place, child);
        if (first.size() > wanted + SPARE) {
            first.remove(first.size() - 1);
            behind++;
        }
    }

    /** Takes out a child that was added with the same value. */
    void remove(Ranked child) {
        int place = Collections.binarySearch(first, child, order);
        if (place >= 0) {
            first.remove(place);
        } else {
            behind--;
        }
    }

    /** Whether so many of the first are known, or there are no more. */
    boolean isKnown() {
        return behind == 0 || first.size() >= wanted;
    }

    long mostKept() {
        return wanted + (long) SPARE;
    }

    List<Ranked> first() {
        return first.subList(0, Math.min(wanted, first.size()));
    }
}
