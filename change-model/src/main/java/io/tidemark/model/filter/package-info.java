/**
 * Filters over one table's rows, with PostgreSQL's meaning of the same predicate: evaluated over a row as the topics hold
 * it, and printed as SQL for the source. Nothing here parses SQL.
 */
@NullMarked
package io.tidemark.model.filter;

import org.jspecify.annotations.NullMarked;
