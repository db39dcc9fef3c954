/**
 * Keeps documents as JSON strings in Redis, one key each, and reads them back.
 * A script on the server compares positions before it writes or deletes, so late and repeated writes change nothing.
 */
@NullMarked
package io.tidemark.stores.redis;

import org.jspecify.annotations.NullMarked;
