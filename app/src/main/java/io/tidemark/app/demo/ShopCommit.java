package io.tidemark.app.demo;

import io.tidemark.model.Lsn;
import java.time.Instant;

/**
 * A transaction of the traffic that has committed.
 *
 * @param token read token taken right after the commit: a read model is fresh once its applied tidemark's LSN is at
 *     least this
 * @param committedAt wall clock when the commit returned, before the token was taken
 * @param committedNanos {@link System#nanoTime()} of the same moment
 */
public record ShopCommit(ShopOperation operation, Lsn token, Instant committedAt, long committedNanos) {}
