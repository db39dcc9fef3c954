package io.tidemark.projections.internal.assembler;

import io.tidemark.model.Cut;
import io.tidemark.model.TidemarkRef;
import io.tidemark.projections.TidemarkFollower;
import java.util.Optional;
import java.util.function.Predicate;

/** The tidemarks, as far as a step needs them. */
interface Cuts {

    /** The newest there is; empty before the first. */
    Optional<TidemarkRef> newest();

    /** The newest of those that have been passed, which are the older ones; empty when none was. */
    Optional<Cut> newestWhere(Predicate<Cut> passed);

    /** From beat to beat: each costs every step a marker for every partition of whoever depends on it. */
    static Cuts of(TidemarkFollower follower) {
        return new Cuts() {
            @Override
            public Optional<TidemarkRef> newest() {
                return follower.newest();
            }

            @Override
            public Optional<Cut> newestWhere(Predicate<Cut> passed) {
                return follower.newestBeatWhere(passed);
            }
        };
    }
}
