/**
 * Mirrors tables row for row into a schema of a PostgreSQL warehouse, keeps documents in tables of it, and reads both back.
 * What a batch writes and deletes, and its applied tidemarks, are one transaction.
 */
@NullMarked
package io.tidemark.stores.sql;

import org.jspecify.annotations.NullMarked;
