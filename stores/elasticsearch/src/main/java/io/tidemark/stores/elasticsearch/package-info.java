/**
 * Keeps documents in an Elasticsearch index behind an alias, and reads them back.
 * The position is the document's external version, so the server itself refuses late and repeated writes.
 */
@NullMarked
package io.tidemark.stores.elasticsearch;

import org.jspecify.annotations.NullMarked;
