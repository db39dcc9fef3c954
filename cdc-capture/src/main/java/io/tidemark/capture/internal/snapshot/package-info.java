/**
 * Reads tables of the source in chunks while their changes are streamed, so that each chunk can be written between two
 * transactions. Which rows of it still hold is decided by the keys the stream has touched since.
 */
@NullMarked
package io.tidemark.capture.internal.snapshot;

import org.jspecify.annotations.NullMarked;
