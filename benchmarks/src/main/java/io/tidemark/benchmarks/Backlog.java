package io.tidemark.benchmarks;

import io.tidemark.model.Lsn;

/**
 * WAL that waits for a contender.
 *
 * @param expected what a contender must deliver of it
 * @param end the end of its last commit
 */
record Backlog(Digest expected, Lsn end) {}
