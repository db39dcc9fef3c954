/**
 * Reads what change topics say of the source's rows, and compares it with the rows. The newest record of each key is kept
 * on disk while that lasts: a topic hands out several versions of a key, and no two sides in one order.
 */
@NullMarked
package io.tidemark.capture.internal.rows;

import org.jspecify.annotations.NullMarked;
