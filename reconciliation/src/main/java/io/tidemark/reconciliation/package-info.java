/**
 * Compares a read model with the source at one position and says what drifted, what did not, and what it cannot tell.
 * The expected documents come from SQL generated from the read model's own definition, run under one snapshot.
 */
@NullMarked
package io.tidemark.reconciliation;

import org.jspecify.annotations.NullMarked;
