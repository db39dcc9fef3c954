/**
 * The SPIs a store implements: writing documents with a fence, keeping the applied tidemark, and reading back.
 * Stores are blind to each other; projections and reconciliation know them only through this package.
 */
@NullMarked
package io.tidemark.model.store;

import org.jspecify.annotations.NullMarked;
