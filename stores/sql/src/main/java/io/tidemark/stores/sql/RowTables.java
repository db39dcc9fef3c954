package io.tidemark.stores.sql;

import io.tidemark.model.store.Document;

/** The tables documents go to, and what becomes of them there. */
interface RowTables {

    /**
     * The table of a collection.
     *
     * @throws io.tidemark.model.TidemarkException CONFIGURATION when it has none
     */
    GuardedTable of(String collection);

    /** The columns of the row that a document with a body becomes, as the text of a JSON object, without Tidemark's own. */
    String row(Document document);
}
