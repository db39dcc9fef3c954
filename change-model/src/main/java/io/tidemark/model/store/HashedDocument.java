package io.tidemark.model.store;

import io.tidemark.model.RowKey;

/** The hash of a document under a key, see {@link HashedTable}. */
public record HashedDocument(RowKey key, long hash) {}
