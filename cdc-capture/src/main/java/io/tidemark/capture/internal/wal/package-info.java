/**
 * PostgreSQL's pgoutput protocol, version 1, and the JSON that {@code to_jsonb} would print for its values.
 * Pure functions over bytes and text.
 */
@NullMarked
package io.tidemark.capture.internal.wal;

import org.jspecify.annotations.NullMarked;
