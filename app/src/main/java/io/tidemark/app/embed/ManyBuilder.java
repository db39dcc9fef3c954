package io.tidemark.app.embed;

import io.tidemark.app.config.Place;
import io.tidemark.app.config.Written;
import java.util.List;

/** The rows that refer to another one. */
public final class ManyBuilder extends RelatedBuilder<ManyBuilder> {

    private static final String ORDER_BY = "order-by";
    private static final String AGGREGATES = "aggregates";

    /** A direction, and where nulls come. */
    public enum Order {
        /** Upwards, nulls last. */
        ASC("asc"),
        /** Downwards, nulls first. */
        DESC("desc"),
        /** Upwards, nulls first. */
        ASC_NULLS_FIRST("asc nulls first"),
        /** Downwards, nulls last. */
        DESC_NULLS_LAST("desc nulls last");

        private final String words;

        Order(String words) {
            this.words = words;
        }
    }

    ManyBuilder(Place begun) {
        super(begun);
    }

    @Override
    ManyBuilder self() {
        return this;
    }

    /** Columns the list is in the order of, upwards; without, the primary key. */
    public ManyBuilder orderBy(String... columns) {
        return addAll(ORDER_BY, columns);
    }

    /** A column the list is in the order of. */
    public ManyBuilder orderBy(String column, Order order) {
        Place here = CallSite.place();
        return add(ORDER_BY, new Written.Entries(List.of(entry(column, order.words, here)), here));
    }

    /** So many of the list, the first in order. */
    public ManyBuilder limit(int most) {
        return set("limit", most);
    }

    /** The entry of {@code one} that takes the place of the row in the list. */
    public ManyBuilder flatten(String one) {
        return set("flatten", one);
    }

    /** Leaves the list out: there are aggregates only. */
    public ManyBuilder unlisted() {
        return set("list", false);
    }

    /** How many rows there are. */
    public ManyBuilder count(String name) {
        return put(AGGREGATES, name, new Written.Scalar("count", CallSite.place()));
    }

    /** In how many rows a column is not null. */
    public ManyBuilder count(String name, String column) {
        return aggregate(name, "count", column);
    }

    public ManyBuilder sum(String name, String column) {
        return aggregate(name, "sum", column);
    }

    /** The average, digit for digit as PostgreSQL gives it. */
    public ManyBuilder avg(String name, String column) {
        return aggregate(name, "avg", column);
    }

    public ManyBuilder min(String name, String column) {
        return aggregate(name, "min", column);
    }

    public ManyBuilder max(String name, String column) {
        return aggregate(name, "max", column);
    }

    private ManyBuilder aggregate(String name, String function, String column) {
        Place here = CallSite.place();
        return put(AGGREGATES, name, new Written.Entries(List.of(entry(function, column, here)), here));
    }
}
