/**
 * Mirrors tables row for row into a schema of a PostgreSQL warehouse, and reads them back.
 * Rows, deletes and applied tidemarks of a batch are one transaction, and an epoch fences every writer but the newest.
 */
@NullMarked
package io.tidemark.stores.sql;

import org.jspecify.annotations.NullMarked;
