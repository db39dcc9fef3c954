package io.tidemark.model.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;

/**
 * A document as a store really holds it.
 *
 * @param position the position it says it is as of; 0 when it says none
 * @param body without Tidemark's own fields
 */
public record StoredDocument(RowKey key, long position, ObjectNode body) {}
