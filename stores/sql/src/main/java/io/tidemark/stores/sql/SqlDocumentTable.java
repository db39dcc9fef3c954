package io.tidemark.stores.sql;

import io.tidemark.model.Column;
import io.tidemark.model.TableId;
import java.util.List;

/**
 * The table of a document model: its key, the document as {@code jsonb}, and entries of the document as columns.
 *
 * @param table in the warehouse; made by the writer
 * @param key columns of the documents' key, in key order, with the source's types
 * @param columns top-level entries of the document that are columns too, with PostgreSQL's types
 */
public record SqlDocumentTable(TableId table, List<Column> key, List<Column> columns) {

    /** The column that holds the whole document. */
    public static final String DOCUMENT = "document";

    public SqlDocumentTable {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }
}
