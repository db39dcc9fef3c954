package io.tidemark.reconciliation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.RowKey;

/**
 * A document as the source says it must be.
 *
 * @param rootXmin the transaction that wrote the root row's version; the same twice means the row was there between
 * @param storable false for one that has no stored form: no store holds it, nor may
 */
record ExpectedDocument(RowKey key, String rootXmin, ObjectNode body, boolean storable) {

    ExpectedDocument(RowKey key, String rootXmin, ObjectNode body) {
        this(key, rootXmin, body, true);
    }
}
