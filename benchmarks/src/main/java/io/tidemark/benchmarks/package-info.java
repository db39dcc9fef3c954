/**
 * Capture and read models measured against their peers, each in a process of its own, alternating in one go on the servers of
 * {@code local-stack}. docs/benchmarks.md says how to run it and how to read it.
 */
@NullMarked
package io.tidemark.benchmarks;

import org.jspecify.annotations.NullMarked;
