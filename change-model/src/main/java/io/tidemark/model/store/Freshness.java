package io.tidemark.model.store;

import io.tidemark.model.Lsn;
import io.tidemark.model.TidemarkRef;
import java.util.Optional;
import java.util.OptionalLong;

/** Whether a read model holds what was committed before a read token was taken. */
public sealed interface Freshness {

    /** It does, as of this applied tidemark. */
    record Fresh(TidemarkRef applied) implements Freshness {}

    /**
     * It does not yet, as far as it has said in the time given.
     *
     * @param token the LSN it has not reached
     * @param applied empty when it never started, or is filled for the first time
     */
    record Stale(Lsn token, Optional<TidemarkRef> applied) implements Freshness {

        /** Bytes of the source's WAL it is behind; empty when it never started. */
        public OptionalLong behindBytes() {
            return applied.isEmpty()
                    ? OptionalLong.empty()
                    : OptionalLong.of(token.value() - applied.get().lsn().value());
        }
    }

    /**
     * Holds an applied tidemark against a token.
     *
     * @param token an LSN, see {@link io.tidemark.model.Tidemark#token}
     */
    static Freshness of(Lsn token, Optional<TidemarkRef> applied) {
        return applied.isPresent() && !applied.get().lsn().isBefore(token)
                ? new Fresh(applied.get())
                : new Stale(token, applied);
    }
}
