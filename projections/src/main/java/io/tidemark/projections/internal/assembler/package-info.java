/**
 * The assembler: one sub-topology per table of a document's tree, aligned by tidemarks. See docs/concepts.md for the
 * algorithm.
 */
@NullMarked
package io.tidemark.projections.internal.assembler;

import org.jspecify.annotations.NullMarked;
