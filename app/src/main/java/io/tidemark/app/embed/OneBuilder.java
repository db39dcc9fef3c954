package io.tidemark.app.embed;

import io.tidemark.app.config.Place;

/** A row that another one refers to. */
public final class OneBuilder extends RelatedBuilder<OneBuilder> {

    OneBuilder(Place begun) {
        super(begun);
    }

    @Override
    OneBuilder self() {
        return this;
    }
}
