package io.tidemark.model;

import java.util.List;
import java.util.Optional;

/** The tidemarks as capture publishes them, followed live. Thread-safe. */
public interface TidemarkLog {

    /** The newest published tidemark; empty before the first. */
    Optional<TidemarkRef> newest();

    /** The newest covered transactions, in commit order, at most {@code count}. */
    List<Tidemark.Transaction> newestTransactions(int count);
}
