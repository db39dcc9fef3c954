package io.tidemark.app.config;

import java.time.Duration;
import java.util.List;

/** Parses {@code reconcile}. */
final class ReconcileParser {

    private static final String EVERY = "every";
    private static final String REPAIR = "repair";
    private static final Duration DEFAULT_EVERY = Duration.ofDays(1);

    private ReconcileParser() {}

    static ReconcileConfig parse(Section section) {
        section.allowOnly(List.of(EVERY, REPAIR));
        return new ReconcileConfig(
                section.optionalDuration(EVERY).orElse(DEFAULT_EVERY),
                section.optionalBoolean(REPAIR).orElse(false));
    }
}
