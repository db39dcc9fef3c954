package io.tidemark.stores.sql;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.model.store.Document;

/** The tables documents go to, and what becomes of them there. */
interface RowTables {

    /**
     * The table of a collection.
     *
     * @throws io.tidemark.model.TidemarkException CONFIGURATION when it has none
     */
    GuardedTable of(String collection);

    /**
     * The columns of a document's row, without Tidemark's own.
     *
     * @param body the document's
     */
    ObjectNode columns(Document document, ObjectNode body);
}
